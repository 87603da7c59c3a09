import {
  HeadwayError,
  type Estimate,
  type GenerateInput,
  type GenerateProgress,
  type Generation,
  type ModelInfo,
  type Status,
} from '@headway/protocol';
import { defaultIdleTimeoutMs } from '#websocket';

import { Connection } from './connection.ts';
import { gatewayUrl } from './gateway-url.ts';
import { streamGeneration } from './stream-generation.ts';
import { subscribe, type GenerationCallbacks, type GenerationSubscription } from './subscribe.ts';

export interface ClientOptions {
  /** The gateway's http or https URL. @default in a page: its own origin */
  url?: string;
  /** The key that the gateway asks for, if it asks for one. */
  apiKey?: string;
  /** How long to try to reach the gateway before a call fails with `connection-lost`. @default 10_000 */
  connectTimeoutMs?: number;
  /**
   * How long the socket stays open when nothing is under way.
   *
   * @default 60_000 in browsers, 1_000 in Node, where an open socket keeps the process from ending
   */
  idleTimeoutMs?: number;
}

export interface GenerateOptions extends GenerateProgress {
  /** Cancels the generation when it aborts. */
  signal?: AbortSignal;
}

export interface Generate {
  /**
   * Starts a generation at once. Never throws: what is wrong comes as the `error` event, and as the rejection of
   * `admitted` and `result()`.
   */
  (input: GenerateInput, options?: GenerateOptions): Generation;
  /** The same for those who like callbacks better. */
  subscribe(input: GenerateInput, callbacks: GenerationCallbacks & GenerateOptions): GenerationSubscription;
}

/** A gateway, as seen from here. Nothing is opened before the first call. */
export interface HeadwayClient extends AsyncDisposable {
  /** Where the gateway is, without a trailing slash. */
  readonly url: string;
  readonly generate: Generate;
  /** Cancels a generation by its id; false when there is none of that name under way. @throws HeadwayError */
  cancel(id: string): Promise<boolean>;
  /**
   * What a request would meet if it were sent now: its tokens, how many of them are cached, and the predicted time to its
   * first token. Nothing runs.
   *
   * @throws HeadwayError what the request would be refused with, such as `context-overflow` and `model-not-found`
   */
  estimate(input: GenerateInput): Promise<Estimate>;
  /** The models, the default one first. @throws HeadwayError */
  models(): Promise<ModelInfo[]>;
  /** @throws HeadwayError */
  status(): Promise<Status>;
  /** Ends what is under way with `connection-lost` and closes the socket; resolves when it is closed. */
  close(): Promise<void>;
}

/** @throws HeadwayError `invalid-request`, naming the option that is wrong */
export function createClient(options: ClientOptions = {}): HeadwayClient {
  const { apiKey, connectTimeoutMs = 10_000, idleTimeoutMs = defaultIdleTimeoutMs } = options;
  const gateway = gatewayUrl(options.url);
  checkMilliseconds({ connectTimeoutMs, idleTimeoutMs });
  let connection: Connection | null = null;
  let closed = false;

  function connect(): Connection {
    if (closed) throw new HeadwayError('connection-lost', 'the client is closed; create another', { retryable: false });
    if (!connection?.usable) connection = new Connection({ gateway, apiKey, connectTimeoutMs, idleTimeoutMs });
    return connection;
  }

  const generate = (input: GenerateInput, options: GenerateOptions = {}) =>
    streamGeneration(input, { ...options, connect });

  async function close(): Promise<void> {
    closed = true;
    await connection?.close(new HeadwayError('connection-lost', 'the client was closed'));
  }

  return {
    url: gateway.base,
    generate: Object.assign(generate, {
      subscribe: (input: GenerateInput, options: GenerationCallbacks & GenerateOptions) =>
        subscribe(generate(input, options), options),
    }),
    cancel: async (id) => connect().cancel(id),
    estimate: async (input) => connect().estimate(input),
    models: async () => connect().models(),
    status: async () => connect().status(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Timers hold 31 bits and fire at once beyond. */
const longestMs = 2 ** 31 - 1;

function checkMilliseconds(options: Record<string, number>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value >= 0 && value <= longestMs) continue;
    throw new HeadwayError('invalid-request', `${name}: ${String(value)} is not a time from 0 to ${longestMs} ms`);
  }
}
