import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { GatewayCost, LoadCommand, LoadMessage, LoadReport, ServeCommand, ServeMessage } from './messages.ts';

export interface LoadRun extends LoadReport {
  gateway: GatewayCost;
  /** Whether each process was pinned to its own core. */
  pinned: boolean;
}

const file = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
/** Concurrent streams per model of the scripted engine: as many as an engine has slots at most. */
const streamsEach = 64;

export interface RunOptions extends Omit<LoadCommand, 'url' | 'models'> {
  longBytes: number;
  /** What writes: a gateway, or a bare server that writes the same. */
  server: 'gateway' | 'bare';
}

/**
 * Runs a server in one process and its clients in another for `seconds`, each pinned to its own core. Takes the
 * server's processor time while all streams write, so that opening a thousand connections does not count.
 */
export async function runLoad({ longBytes, server, ...command }: RunOptions): Promise<LoadRun> {
  const { streams, tokensPerSecond } = command;
  const models = Math.ceil(streams / streamsEach);
  const serve = fork(file(server === 'gateway' ? 'serve' : 'bare'), [models, tokensPerSecond, longBytes].map(String));
  const load = fork(file('load'));
  try {
    const pinned = pin(serve, 0) && pin(load, 1);
    const { url } = await next<ServeMessage & { kind: 'listening' }>(serve, 'listening');
    send(serve, { kind: 'watch' });
    const report = next<LoadMessage & { kind: 'report' }>(load, 'report');
    load.send({ ...command, url, models } satisfies LoadCommand);
    await next(load, 'begun');
    send(serve, { kind: 'mark' });
    await next(load, 'ending');
    send(serve, { kind: 'report' });
    const { kind: _of, ...gateway } = await next<ServeMessage & { kind: 'report' }>(serve, 'report');
    const { kind: _from, ...seen } = await report;
    send(serve, { kind: 'close' });
    await once(serve, 'exit');
    return { ...seen, gateway, pinned };
  } finally {
    serve.kill('SIGKILL');
    load.kill('SIGKILL');
  }
}

function send(serve: ChildProcess, command: ServeCommand): void {
  serve.send(command);
}

/** The next message of a kind. @throws Error when the process ends first */
function next<Message extends { kind: string } = { kind: string }>(
  child: ChildProcess,
  kind: Message['kind'],
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      if ((message as Message).kind !== kind) return;
      child.off('message', onMessage).off('exit', onExit);
      resolve(message as Message);
    };
    const onExit = (code: number | null) =>
      reject(new Error(`a process exited with code ${code} before it sent ${kind}`));
    child.on('message', onMessage).once('exit', onExit);
  });
}

/** Pins a process to a core. False when the system has no `taskset`. */
function pin({ pid }: ChildProcess, core: number): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]).status === 0;
}
