import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { newerNode } from '../newer-node.ts';
import type { StreamedTurn, ThirdPartyClient, ToolTurn, Turn } from '../third-party-client.ts';

export interface ToHost {
  id: number;
  method: 'streamTurn' | 'toolTurn';
  turn: Omit<Turn, 'signal'>;
  /** Whether this aborts the turn with this id instead of starting it. */
  abort?: true;
}

export type FromHost =
  | Pick<ThirdPartyClient, 'name' | 'version' | 'surface'>
  | {
      id: number;
      value?: StreamedTurn | ToolTurn;
      failure?: { text: string; overflow: boolean };
      outboundHosts: readonly string[];
    };

/** The error of a client in its own process. */
class HostedError extends Error {
  readonly overflow: boolean;

  constructor({ text, overflow }: { text: string; overflow: boolean }) {
    super(text);
    this.name = 'HostedError';
    this.overflow = overflow;
  }
}

export interface HostedClient extends ThirdPartyClient, AsyncDisposable {
  /** Hosts other than this machine that it tried to reach. */
  outboundHosts: () => readonly string[];
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Runs a client of `clients/` in its own process, on a Node version that it supports. */
export async function openHosted(file: string): Promise<HostedClient> {
  const child = fork(here('host.ts'), [here(`clients/${file}.ts`)], {
    execPath: newerNode(here('node_modules')),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // The clients also print their errors.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], MASTRA_TELEMETRY_DISABLED: '1' },
  });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints = `${complaints}${text}`.slice(-4000)));
  const ended = once(child, 'exit');
  const broken = ended.then(([code]) => {
    throw new Error(`the process of ${file} ended with ${String(code)}: ${complaints}`);
  });
  broken.catch(() => undefined);
  const [hello] = (await Promise.race([once(child, 'message'), broken])) as [
    Pick<ThirdPartyClient, 'name' | 'version' | 'surface'>,
  ];

  let outboundHosts: readonly string[] = [];
  let turns = 0;
  async function ask<Value>(method: ToHost['method'], { signal, ...turn }: Turn): Promise<Value> {
    const id = (turns += 1);
    const answered = new Promise<Value>((resolve, reject) => {
      const onMessage = (message: FromHost) => {
        if (!('id' in message) || message.id !== id) return;
        child.off('message', onMessage);
        outboundHosts = message.outboundHosts;
        if (message.failure) reject(new HostedError(message.failure));
        else resolve(message.value as Value);
      };
      child.on('message', onMessage);
    });
    child.send({ id, method, turn } satisfies ToHost);
    signal?.addEventListener('abort', () => child.send({ id, method, turn, abort: true } satisfies ToHost));
    return Promise.race([answered, broken]);
  }
  return {
    ...hello,
    streamTurn: (turn) => ask('streamTurn', turn),
    toolTurn: (turn) => ask('toolTurn', turn),
    isOverflow: (error) => error instanceof HostedError && error.overflow,
    outboundHosts: () => outboundHosts,
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
