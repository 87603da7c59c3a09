import {
  HeadwayError,
  type Estimate,
  type GenerateInput,
  type GenerateProgress,
  type Generation,
  type GenerationInfo,
  type ModelInfo,
  type Status,
} from '@headway/protocol';
import { defaultIdleTimeoutMs } from '#websocket';

import type { ConnectionState } from './connection/connection-state.ts';
import { GatewayLink } from './connection/connection-manager.ts';
import { gatewayUrl } from './gateway-url.ts';
import { streamGeneration } from './generation/stream-generation.ts';
import { subscribe, type GenerationCallbacks, type GenerationSubscription } from './subscribe.ts';
import { watchGeneration } from './generation/watch-generation.ts';

export interface ClientOptions {
  /** The gateway's http or https URL. @default in a page: its own origin */
  url?: string;
  /** The key that the gateway asks for, if it asks for one. */
  apiKey?: string;
  /** How long to try to reach the gateway before a call fails with `connection-lost`. @default 10_000 */
  connectTimeoutMs?: number;
  /**
   * How long to try to reach the gateway again after the connection was lost, before what was under way ends with
   * `connection-lost`. Longer than the gateway's grace time (`--grace`, 30 s), so that it can say itself what came of it.
   *
   * @default 60_000
   */
  reconnectTimeoutMs?: number;
  /**
   * How long the connection stays open when nothing is under way.
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
   * `admitted` and `result()`. When the connection is lost it goes on where it was, over the next one; a generation is
   * run once, however often its connection breaks.
   */
  (input: GenerateInput, options?: GenerateOptions): Generation;
  /** The same for those who like callbacks better. */
  subscribe(input: GenerateInput, callbacks: GenerationCallbacks & GenerateOptions): GenerationSubscription;
}

export interface WatchOptions extends GenerateProgress {
  /** Ends the watching when it aborts; the generation goes on. */
  signal?: AbortSignal;
}

/** How the client stands with its gateway, to show it. */
export interface ConnectionInfo {
  /** A new object at each change, the same one until then. */
  readonly getState: () => ConnectionState;
  /** Calls back after each change; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A gateway, as seen from here. Nothing is opened before the first call. */
export interface HeadwayClient extends AsyncDisposable {
  /** Where the gateway is, without a trailing slash. */
  readonly url: string;
  readonly generate: Generate;
  readonly connection: ConnectionInfo;
  /**
   * Shows a generation that is under way, or ended a short while ago, from its first event on, and goes on live. Never
   * throws, as `generate`. Leaving the loop, `cancel()` and the signal end the watching alone, with `connection-lost`;
   * `client.cancel(id)` ends the generation.
   */
  watch(id: string, options?: WatchOptions): Generation;
  /** Cancels a generation by its id; false when there is none of that name under way. @throws HeadwayError */
  cancel(id: string): Promise<boolean>;
  /**
   * What a request would meet if it were sent now: its tokens, how many of them are cached, and the predicted time to its
   * first token. Nothing runs.
   *
   * @throws HeadwayError what the request would be refused with, such as `context-overflow` and `model-not-found`
   */
  estimate(input: GenerateInput): Promise<Estimate>;
  /** The generations of this key that run or have ended lately, the newest first. @throws HeadwayError */
  generations(): Promise<GenerationInfo[]>;
  /** The models, the default one first. @throws HeadwayError */
  models(): Promise<ModelInfo[]>;
  /** @throws HeadwayError */
  status(): Promise<Status>;
  /**
   * Cancels the generations of this client that are under way, which end here with `connection-lost`, and closes the
   * connection; resolves when it is closed.
   */
  close(): Promise<void>;
}

/** @throws HeadwayError `invalid-request`, naming the option that is wrong */
export function createClient(options: ClientOptions = {}): HeadwayClient {
  const {
    apiKey,
    connectTimeoutMs = 10_000,
    reconnectTimeoutMs = 60_000,
    idleTimeoutMs = defaultIdleTimeoutMs,
  } = options;
  const gateway = gatewayUrl(options.url);
  checkMilliseconds({ connectTimeoutMs, reconnectTimeoutMs, idleTimeoutMs });
  const link = new GatewayLink({ gateway, apiKey, connectTimeoutMs, reconnectTimeoutMs, idleTimeoutMs });

  const generate = (input: GenerateInput, options: GenerateOptions = {}) =>
    streamGeneration(input, { ...options, link, reconnectTimeoutMs });
  const close = () => link.close();

  return {
    url: gateway.base,
    generate: Object.assign(generate, {
      subscribe: (input: GenerateInput, options: GenerationCallbacks & GenerateOptions) =>
        subscribe(generate(input, options), options, input ?? {}),
    }),
    connection: { getState: () => link.state, subscribe: (listener) => link.subscribe(listener) },
    watch: (id, options = {}) => watchGeneration(id, { ...options, link, reconnectTimeoutMs }),
    cancel: (id) => link.ask((gateway) => gateway.cancel(id)),
    estimate: (input) => link.ask((gateway) => gateway.estimate(input)),
    generations: () => link.ask((gateway) => gateway.generations()),
    models: () => link.ask((gateway) => gateway.models()),
    status: () => link.ask((gateway) => gateway.status()),
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
