import { EventEmitter, once } from 'node:events';

import { forkHost, localHost } from './upstream-host.ts';
import type { RequestRecord, UpstreamNews, UpstreamScript } from './upstream-script.ts';

/** A server that speaks like one of the real model servers. */
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
  /** Stops the process (SIGSTOP): connections stay open, and nothing is answered. Resolves once it has stopped. */
  stop(): Promise<void>;
  /** Goes on after `stop`. */
  resume(): void;
}

export interface StartOptions {
  /** @default a free one */
  port?: number;
  /** Whether it runs in a process of its own, which takes about half a second of a processor. @default true */
  ownProcess?: boolean;
}

/** Starts the server of a script. Disposing it ends it, and throws when the server itself failed. */
export async function startUpstream(
  script: UpstreamScript,
  { port = 0, ownProcess = true }: StartOptions = {},
): Promise<Upstream> {
  const records = new Map<number, RequestRecord>();
  const failures: string[] = [];
  const told = new EventEmitter<{ news: [] }>().setMaxListeners(0);
  let open = 0;
  let answered = 0;
  let listensOn: number | undefined;
  let ended = false;
  const hear = (news: UpstreamNews) => {
    if (news.type === 'listening') listensOn = news.port;
    else if (news.type === 'request') records.set(news.record.index, news.record);
    else if (news.type === 'connections') open = news.open;
    else if (news.type === 'failed') failures.push(news.error);
    else answered = news.id;
    told.emit('news');
  };
  const host = (ownProcess ? forkHost : localHost)(script, port, hear);
  let printed = '';
  const exited = host.exited.then((text) => {
    printed = text;
    ended = true;
    told.emit('news');
  });

  let current = script;
  let stopped = false;
  let pings = 0;
  /** Resolves with the first value that is not undefined, now or after some news. */
  const until = async <Value>(find: () => Value | undefined): Promise<Value> => {
    for (let found = find(); ; found = find()) {
      if (found !== undefined) return found;
      if (ended) throw new Error(`the upstream has ended\n${printed}`);
      await once(told, 'news');
    }
  };
  /** Resolves once everything that happened before is known. An upstream that is stopped or gone tells no more. */
  const flush = async () => {
    if (stopped || ended) return;
    const id = ++pings;
    host.send({ type: 'ping', id });
    await until(() => (answered >= id || ended ? true : undefined));
  };
  const listening = await until(() => listensOn);

  return {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    pid: host.pid,
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
      host.send({ type: 'script', script: current });
      await flush();
    },
    async kill() {
      host.kill();
      await exited;
    },
    async stop() {
      stopped = true;
      await host.stop();
    },
    resume() {
      host.resume();
      stopped = false;
    },
    async [Symbol.asyncDispose]() {
      await flush();
      host.kill();
      await exited;
      if (failures.length > 0) throw new Error(`the upstream failed:\n${failures.join('\n')}`);
    },
  };
}
