import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Finished {
  stdout: string;
  /** User and system time, in ms. */
  cpuMs: number;
}

/**
 * Runs a program to its end. The shell's `times` reports its processor time, also on macOS. Both end with this process.
 *
 * @throws Error when it fails
 */
export async function runTimed(program: string, args: readonly string[]): Promise<Finished> {
  const child = spawn('sh', ['-c', '"$@" || exit; echo; times', 'sh', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that the shell and the program can be ended together.
    detached: true,
  });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  process.once('exit', kill);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]).finally(() => process.off('exit', kill));
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}:\n${stderr.slice(-2000)}`);
  const lines = stdout.trimEnd().split('\n');
  const times = [...(lines.at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuMs = times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000, 0);
  return { stdout: lines.slice(0, -2).join('\n'), cpuMs };
}
