import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { headwayMain } from './open-terminal.ts';

/** Starts `headway serve` on a free port in its own process group, with its engine in another process, and loads it. */
export function startServe(...args: string[]) {
  return started([process.execPath, headwayMain, 'serve', '--port', '0', ...args]);
}

/** The command line of headway with a limit of open files for each process. */
export function headwayWithFiles(files: number): [string, ...string[]] {
  return ['sh', '-c', `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, headwayMain];
}

/** `startServe` with a limit of open files. */
export function startServeWithFiles(files: number, ...args: string[]) {
  return started([...headwayWithFiles(files), 'serve', '--port', '0', ...args]);
}

/** The same as `startServe`, where no process may have more of JavaScript's objects than so many MiB. */
export function startServeWithHeap(heapMiB: number, ...args: string[]) {
  return started([process.execPath, `--max-old-space-size=${heapMiB}`, headwayMain, 'serve', '--port', '0', ...args]);
}

async function started([program, ...args]: [string, ...string[]]) {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid ?? 0;
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const output = { stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: url } = (await printed.next()) as { value: string };
  // It prints the second line once the models are loaded.
  await printed.next();
  const enginePids = () => childrenOf(pid);
  return {
    url,
    pid,
    output,
    /** Resolves with the exit code and signal. */
    exited,
    enginePids,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    /** Sends a signal to the whole group, like a terminal. */
    killGroup: (signal: NodeJS.Signals) => void process.kill(-pid, signal),
    async [Symbol.asyncDispose]() {
      const engines = enginePids();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
      for (const engine of engines) if (isAlive(engine)) process.kill(engine, 'SIGKILL');
    },
  };
}

/** Whether a process runs. A zombie does not. */
export function isAlive(pid: number): boolean {
  return (statusOf(pid)?.state ?? 'Z') !== 'Z';
}

/** The running child processes of a process. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statusOf(pid)?.parent === parent && isAlive(pid));
}

function statusOf(pid: number): { parent: number; state: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, state = '', parent = ''] = /^State:\s+(\w).*^PPid:\s+(\d+)/ms.exec(text) ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}
