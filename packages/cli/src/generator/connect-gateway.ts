import {
  captureProgress,
  createGenerationId,
  errorCode,
  HeadwayError,
  isHeadwayError,
  LiveGeneration,
  OpenChoices,
  type GenerateProgress,
  type Generation,
  type GenerationEvent,
  type GenerationInfo,
} from '@headway/protocol';
import { createTRPCClient, createWSClient, TRPCClientError, wsLink, type TRPCClient } from '@trpc/client';
import { WebSocket as NodeSocket } from 'ws';

import type { AppRouter } from '@headway/gateway';
import { gatewayUrl } from './gateway-url.ts';
import type { TextGenerator } from './text-generator.ts';

/** A gateway elsewhere: it generates, and shows what it generates for others with the same key. */
export interface ConnectedGateway extends TextGenerator {
  /** Reads a generation from its first event. Leaving it ends no more than the reading. */
  watch(id: string, options?: GenerateProgress & { signal?: AbortSignal }): Generation;
  /** Those that run or have ended lately, the newest first. */
  generations(): Promise<GenerationInfo[]>;
}

/**
 * A gateway as what generates: its events come through as they are. Each call has a socket of its own, which is not
 * opened again when it is lost. (`@headway/client` does more, but depends on this package.)
 *
 * @throws HeadwayError `invalid-request` for a URL that is none
 */
export function connectGateway(url: string, apiKey?: string): ConnectedGateway {
  const address = trpcAddress(url);
  const open = new Set<Call>();
  const call = (onLost: (error: HeadwayError) => void): Call => {
    const opened = openCall({ url, address, apiKey, onLost });
    open.add(opened);
    void opened.closed.then(() => open.delete(opened));
    return opened;
  };
  const read = (id: string, { choices, signal, onEvent, subscribe, onLeave }: ReadOptions): Generation => {
    const unended = new OpenChoices(id, choices);
    const end = (error: HeadwayError) => {
      if (generation.over) return;
      if (!unended.begun) return generation.refuse(error);
      for (const event of unended.fail(error)) generation.push(event);
    };
    const { trpc, close } = call(end);
    const generation = new LiveGeneration({ id, onCancel: () => onLeave(trpc, end), ...(onEvent && { onEvent }) });
    subscribe(trpc, {
      onData: ({ data }) => {
        unended.add(data);
        generation.push(data);
      },
      onError: (thrown) => end(toError(thrown)),
      onComplete: () => end(new HeadwayError('connection-lost', 'the stream ended before the answer did')),
    });
    const onAbort = () => void generation.cancel();
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort);
    void generation.ended.then(() => {
      signal?.removeEventListener('abort', onAbort);
      close();
    });
    return generation;
  };
  const ask = <Answer>(question: (trpc: Trpc) => Promise<Answer>) =>
    new Promise<Answer>((resolve, reject) => {
      const { trpc, close } = call(reject);
      question(trpc)
        .then(resolve, (thrown: unknown) => reject(toError(thrown)))
        .finally(close);
    });
  const models = () => ask((trpc) => trpc.models.query());

  return {
    generate(input, { signal, ...progress } = {}) {
      const id = input.id ?? createGenerationId();
      return read(id, {
        choices: input.choices ?? 1,
        signal,
        onEvent: captureProgress(progress, input),
        subscribe: (trpc, observer) => trpc.generate.subscribe({ ...input, id }, observer),
        onLeave: (trpc, end) => void trpc.cancel.mutate({ id }).catch((thrown: unknown) => end(toError(thrown))),
      });
    },
    watch: (id, { signal, ...progress } = {}) =>
      read(id, {
        choices: 1,
        signal,
        onEvent: captureProgress(progress),
        subscribe: (trpc, observer) => trpc.watch.subscribe({ id }, observer),
        onLeave: (_trpc, end) => end(new HeadwayError('connection-lost', `${id} is no longer watched; it goes on`)),
      }),
    generations: () => ask((trpc) => trpc.generations.query()),
    models,
    ready: async () => void (await models()),
    async close() {
      for (const { close } of open) close();
      await Promise.all([...open].map(({ closed }) => closed));
    },
  };
}

type Trpc = TRPCClient<AppRouter>;

interface StreamObserver {
  onData: (tracked: { data: GenerationEvent }) => void;
  onError: (thrown: unknown) => void;
  onComplete: () => void;
}

interface ReadOptions {
  /** That are known to be open; of others the events tell. */
  choices: number;
  signal: AbortSignal | undefined;
  onEvent: ReturnType<typeof captureProgress>;
  subscribe: (trpc: Trpc, observer: StreamObserver) => void;
  /** The reader leaves before the end: `end` ends it here, if nothing else will. */
  onLeave: (trpc: Trpc, end: (error: HeadwayError) => void) => void;
}

interface CallOptions {
  url: string;
  address: string;
  apiKey: string | undefined;
  onLost: (error: HeadwayError) => void;
}

type Call = ReturnType<typeof openCall>;

/** One socket. `onLost` hears once why it could not be opened or closed by itself. */
function openCall({ url, address, apiKey, onLost }: CallOptions) {
  let opened = false;
  let over = false;
  let markClosed!: () => void;
  const closed = new Promise<void>((resolve) => (markClosed = resolve));
  const close = () => {
    if (over) return;
    over = true;
    void socket.close().finally(markClosed);
  };
  const lose = (reason: string) => {
    if (over) return;
    onLost(
      opened
        ? new HeadwayError('connection-lost', `the connection to the gateway at ${url} was lost`)
        : new HeadwayError(
            'connection-lost',
            `no Headway gateway answers at ${url}${reason && ` (${reason})`}; start one with headway serve, or check the URL`,
          ),
    );
    close();
  };
  const socket = createWSClient({
    url: address,
    ...(apiKey !== undefined && { connectionParams: { apiKey } }),
    // `ws` has the shape of a browser's, with its events typed apart from the DOM's.
    WebSocket: NodeSocket as unknown as typeof WebSocket,
    keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 20_000 },
    onOpen: () => (opened = true),
    onError: (event) => lose(event && 'message' in event ? String(event.message) : ''),
    onClose: () => lose(''),
  });
  return { trpc: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] }), close, closed };
}

function toError(thrown: unknown): HeadwayError {
  if (isHeadwayError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const data: unknown = thrown instanceof TRPCClientError ? thrown.data : null;
  const headway = typeof data === 'object' && data !== null && 'headway' in data ? data.headway : null;
  const code = typeof headway === 'object' && headway !== null && 'code' in headway ? headway.code : null;
  const known = errorCode.safeParse(code).data ?? 'internal';
  const remedy = known === 'unauthorized' ? ' (here: --api-key, or HEADWAY_API_KEY)' : '';
  return new HeadwayError(known, message + remedy, { cause: thrown });
}

function trpcAddress(url: string): string {
  return `${gatewayUrl(url).replace(/^http/, 'ws')}/trpc`;
}
