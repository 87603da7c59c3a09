import { spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { dirname, delimiter } from 'node:path';
import { createInterface } from 'node:readline';

import { startOrphanGuard, type OrphanGuard } from './start-orphan-guard.ts';

export interface StepOptions {
  /** Called with each line of its output. */
  onLine?: (line: string) => void;
  /** Resolve with false instead of throwing when it fails. @default false */
  mayFail?: boolean;
}

/** Runs a program to its end, and resolves with whether it succeeded. @throws Error with its last lines when it fails */
export type RunStep = (program: string, args: readonly string[], options?: StepOptions) => Promise<boolean>;

/** Runs programs one after another and writes what they print to one log. */
export interface StepRunner extends AsyncDisposable {
  run: RunStep;
}

/** Lines of output that an error repeats. */
const shownLines = 12;

/** After an abort a program has this long to end by itself, in ms. */
const graceMs = 2000;

/**
 * Opens a runner. When the signal aborts, the running program and all that it started end, and `run` throws the signal's
 * reason. They also end with this process, however it ends.
 */
export function openStepRunner({ log: path, signal }: { log: string; signal: AbortSignal }): StepRunner {
  const log = createWriteStream(path);
  // A full disk must not end the process: the program's own error says it.
  log.on('error', () => undefined);
  const guard = startOrphanGuard();
  return {
    run: (program, args, options) => runStep(program, args, { ...options, log, path, signal, guard }),
    async [Symbol.asyncDispose]() {
      await guard[Symbol.asyncDispose]();
      if (log.closed || log.destroyed) return;
      log.end();
      await once(log, 'close').catch(() => undefined);
    },
  };
}

interface Running {
  log: WriteStream;
  path: string;
  signal: AbortSignal;
  guard: OrphanGuard;
}

async function runStep(
  program: string,
  args: readonly string[],
  { onLine, mayFail = false, log, path, signal, guard }: StepOptions & Running,
): Promise<boolean> {
  signal.throwIfAborted();
  log.write(`$ ${program} ${args.join(' ')}\n`);
  // A group of its own: compilers are children of children, and all of them must end at an abort.
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      // cmake starts `node`; any version will do.
      PATH: [process.env['PATH'] ?? '', dirname(process.execPath)].join(delimiter),
      LC_ALL: 'C',
      // Never ask on the terminal.
      GIT_TERMINAL_PROMPT: '0',
    },
  });
  guard.guard(child.pid ?? null);
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      if (last.push(line) > 200) last.shift();
      onLine?.(line);
    });
  }
  const kill = (how: NodeJS.Signals) => killGroup(child.pid, how);
  const killAtExit = () => kill('SIGKILL');
  let late: NodeJS.Timeout | undefined;
  const onAbort = () => {
    kill('SIGTERM');
    late = setTimeout(() => kill('SIGKILL'), graceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  process.once('exit', killAtExit);
  try {
    const end = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    const code = await end.catch((thrown: unknown) => {
      throw new Error(`${program} cannot be started (${String(thrown)}); check its installation`, { cause: thrown });
    });
    if (signal.aborted) {
      // What still lives of the group.
      kill('SIGKILL');
      throw signal.reason;
    }
    if (code === 0) return true;
    if (mayFail) return false;
    throw new Error(failureOf(program, args, last, path));
  } finally {
    guard.guard(null);
    clearTimeout(late);
    signal.removeEventListener('abort', onAbort);
    process.off('exit', killAtExit);
  }
}

function killGroup(pid: number | undefined, how: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, how);
  } catch {
    // All of it has ended.
  }
}

/** Why a program failed, in one sentence, with the remedy where it is known. */
export function failureOf(program: string, args: readonly string[], lines: readonly string[], log: string): string {
  const text = lines.join('\n');
  if (/No space left on device|Disk quota exceeded/i.test(text))
    return `the disk is full; free some space, or choose another folder with XDG_CACHE_HOME (the log is ${log})`;
  if (/Killed|out of memory|Cannot allocate memory/i.test(text))
    return `the compiler ran out of memory; use fewer --jobs (the log is ${log})`;
  const said = lines.filter((line) => line.trim() !== '');
  const at = said.findIndex((line) => /\b(error|fatal)\b|CMake Error|\*\*\*/i.test(line));
  const shown = at === -1 ? said.slice(-shownLines) : said.slice(at, at + shownLines);
  const what = program === 'cmake' ? (args[0] === '--build' ? 'compiling' : 'configuring') : `${program} ${args[0]}`;
  return `${what} failed: ${shown.join(' | ')}; the whole log is ${log}`;
}
