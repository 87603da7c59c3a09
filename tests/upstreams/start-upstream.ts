import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

import type { PingMessage, RequestRecord, ScriptMessage, UpstreamNews, UpstreamScript } from './upstream-script.ts';

/** A server process that speaks like one of the real model servers. */
export interface Upstream extends AsyncDisposable {
  /** Without a path. */
  url: string;
  port: number;
  pid: number;
  /** All requests so far, with what became of them. */
  requests(): Promise<readonly RequestRecord[]>;
  /** The first request, from now on or before, for which this holds. */
  request(holds: (record: RequestRecord) => boolean): Promise<RequestRecord>;
  /** Open connections of clients. */
  connections(): Promise<number>;
  /** Resolves once so many connections are open. */
  connectionsBecome(count: number): Promise<void>;
  /** Behaves otherwise from the next request on. Its models, slots and prompt cache stay as they are. */
  change(script: Partial<UpstreamScript>): Promise<void>;
  /** Ends the process like `kill -9`. */
  kill(): Promise<void>;
  /** Stops the process (SIGSTOP): connections stay open, and nothing is answered. */
  stop(): void;
  /** Goes on after `stop`. */
  resume(): void;
}

/**
 * Starts the server of a script in a process of its own, on a free port unless one is given. Disposing it ends the
 * process, and throws when the server itself failed.
 */
export async function startUpstream(script: UpstreamScript, { port = 0 } = {}): Promise<Upstream> {
  const child = fork(new URL('./upstream-process.ts', import.meta.url), [String(port)], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = once(child, 'exit');
  const records = new Map<number, RequestRecord>();
  const failures: string[] = [];
  const told = new EventEmitter<{ news: [] }>().setMaxListeners(0);
  let open = 0;
  let answered = 0;
  let listening: (port: number) => void = () => undefined;
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ready = new Promise<number>((resolve, reject) => {
    listening = resolve;
    child.once('exit', () => reject(new Error(`the upstream ended before it listened\n${stderr}`)));
  });
  child.on('message', (news: UpstreamNews) => {
    if (news.type === 'listening') listening(news.port);
    else if (news.type === 'request') records.set(news.record.index, news.record);
    else if (news.type === 'connections') open = news.open;
    else if (news.type === 'failed') failures.push(news.error);
    else answered = news.id;
    told.emit('news');
  });
  child.once('exit', () => told.emit('news'));

  let current = script;
  let stopped = false;
  let pings = 0;
  const send = (message: ScriptMessage | PingMessage) => child.connected && child.send(message);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  /** Resolves with the first value that is not undefined, now or after some news. */
  const until = async <Value>(find: () => Value | undefined): Promise<Value> => {
    for (let found = find(); ; found = find()) {
      if (found !== undefined) return found;
      if (ended()) throw new Error('the upstream has ended');
      await once(told, 'news');
    }
  };
  /** Resolves once everything that happened before is known. A process that is stopped or gone tells no more. */
  const flush = async () => {
    if (stopped || !child.connected) return;
    const id = ++pings;
    send({ type: 'ping', id });
    await until(() => (answered >= id || ended() ? true : undefined));
  };

  send({ type: 'script', script });
  const listensOn = await ready;
  return {
    url: `http://127.0.0.1:${listensOn}`,
    port: listensOn,
    pid: child.pid ?? 0,
    async requests() {
      await flush();
      return [...records.values()];
    },
    request: (holds) => until(() => [...records.values()].find(holds)),
    async connections() {
      await flush();
      return open;
    },
    connectionsBecome: async (count) => void (await until(() => (open === count ? true : undefined))),
    async change(changes) {
      current = { ...current, ...changes };
      send({ type: 'script', script: current });
      await flush();
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    stop() {
      stopped = true;
      child.kill('SIGSTOP');
    },
    resume() {
      child.kill('SIGCONT');
      stopped = false;
    },
    async [Symbol.asyncDispose]() {
      await flush();
      if (!ended()) child.kill('SIGKILL');
      await exited;
      if (failures.length > 0) throw new Error(`the upstream failed:\n${failures.join('\n')}`);
    },
  };
}
