import {
  fieldError,
  type Activity,
  type Estimate,
  type GenerateInput,
  type GenerateProgress,
  type Generation,
  type GenerationEvent,
  type GenerationInfo,
  type ModelInfo,
  type Status,
  type SummaryEvent,
  type SummaryOption,
} from '@headway/protocol';
import { defaultIdleTimeoutMs } from '#websocket';

import type { ConnectionState, Transport } from './connection/connection-state.ts';
import { ConnectionManager } from './connection/connection-manager.ts';
import { parseGatewayUrl } from './gateway-url.ts';
import { streamGeneration } from './generation/stream-generation.ts';
import { subscribe, type GenerationCallbacks, type GenerationSubscription } from './subscribe.ts';
import { watchGeneration } from './generation/watch-generation.ts';

export interface ClientOptions {
  /** The gateway's http or https URL. A `/v1` at its end is dropped. @default in a page: its own origin */
  url?: string;
  /** The API key, for a gateway that needs one. */
  apiKey?: string;
  /**
   * Use this transport alone: where it is blocked, calls fail with `connection-lost`.
   *
   * @default a WebSocket; HTTP requests where WebSockets are blocked
   */
  transport?: Transport;
  /** How long to try to open the first connection, in ms, before its calls fail with `connection-lost`. @default 10_000 */
  connectTimeoutMs?: number;
  /**
   * How many times to try to open the first connection within `connectTimeoutMs`. With 3, a call fails at once where nothing
   * listens, and HTTP still takes the place of a blocked WebSocket.
   *
   * @default no limit
   */
  connectAttempts?: number;
  /**
   * How long to try to open the connection again after it was lost, in ms, before the pending calls fail with
   * `connection-lost`. The default is longer than the gateway's grace time (`--grace`, 30 s): the gateway can then still say
   * how the generation ended.
   *
   * @default 60_000
   */
  reconnectTimeoutMs?: number;
  /**
   * How long the connection stays open without a call, in ms.
   *
   * @default 60_000 in browsers, 1_000 in Node, where an open socket keeps the process running
   */
  idleTimeoutMs?: number;
}

export interface GenerateOptions extends GenerateProgress {
  /** Cancels the generation when the signal aborts. */
  signal?: AbortSignal;
  /**
   * Whether `summary` events come among the others: how far all choices are, at most every 200 ms. See `SummaryEvent`.
   *
   * @default false
   */
  summary?: SummaryOption;
}

/** A call without summaries. */
interface Unsummarised {
  summary?: false | undefined;
}

export interface Generate {
  /**
   * Starts a generation at once. Never throws: an error arrives as the `error` event, and rejects `admitted` and
   * `result()`. When the connection is lost, the stream resumes over the next one without a gap; the gateway runs the
   * generation once, however often its connection breaks.
   */
  (input: GenerateInput, options?: GenerateOptions & Unsummarised): Generation;
  (input: GenerateInput, options: GenerateOptions): Generation<GenerationEvent | SummaryEvent>;
  /** Starts a generation and passes its events to callbacks. */
  subscribe(input: GenerateInput, callbacks: GenerationCallbacks & GenerateOptions): GenerationSubscription;
}

export interface WatchOptions extends GenerateProgress {
  /** Stops watching when the signal aborts; the generation goes on. */
  signal?: AbortSignal;
  /** As for `generate`. The events tell how many choices there are, and nothing tells their limit. @default false */
  summary?: SummaryOption;
}

export interface CancelOptions {
  /** The choice to cancel, counted from 0: the others go on, and the last open one ends the generation. @default all */
  index?: number | undefined;
}

/** The state of the connection, for user interfaces. */
export interface ConnectionInfo {
  /** Returns the same object until the state changes. */
  readonly getState: () => ConnectionState;
  /** Calls `listener` after each change; returns a function that removes it. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A client of one gateway. It opens its connection at the first call. */
export interface HeadwayClient extends AsyncDisposable {
  /** The gateway's URL, without a trailing slash. */
  readonly url: string;
  readonly generate: Generate;
  readonly connection: ConnectionInfo;
  /**
   * Reads a generation that runs, or ended a short while ago, from its first event on. Never throws, as `generate`.
   * Leaving the loop, `cancel()` and the signal stop the watching, with `connection-lost`, and not the generation;
   * `client.cancel(id)` stops the generation.
   */
  watch(id: string, options?: WatchOptions & Unsummarised): Generation;
  watch(id: string, options: WatchOptions): Generation<GenerationEvent | SummaryEvent>;
  /**
   * Cancels a generation by its id, or one of its choices. Returns false if none with this id runs, or the choice has ended.
   *
   * @throws HeadwayError `invalid-request` for an index that the generation does not have; why the gateway was not reached
   */
  cancel(id: string, options?: CancelOptions): Promise<boolean>;
  /**
   * Predicts a request without running it: its prompt tokens, how many of them are cached, and its time to first token.
   *
   * @throws HeadwayError the error that would refuse the request, such as `context-overflow` and `model-not-found`
   */
  estimate(input: GenerateInput): Promise<Estimate>;
  /** This key's generations that run or ended a short while ago, the newest first. @throws HeadwayError */
  generations(): Promise<GenerationInfo[]>;
  /**
   * What the gateway does now: its slots, queue, models and connections, and its speed in the last minutes. This key's
   * requests are named; others only take their place.
   *
   * @throws HeadwayError
   */
  activity(): Promise<Activity>;
  /** The models, the default one first. @throws HeadwayError */
  models(): Promise<ModelInfo[]>;
  /** The gateway's version, models, slots and queue. @throws HeadwayError */
  status(): Promise<Status>;
  /**
   * Cancels this client's running generations, which end here with `connection-lost`, and closes the connection; resolves
   * when it is closed.
   */
  close(): Promise<void>;
}

/** @throws HeadwayError `invalid-request`, naming the wrong option */
export function createClient(options: ClientOptions = {}): HeadwayClient {
  const {
    apiKey,
    transport,
    connectTimeoutMs = 10_000,
    connectAttempts,
    reconnectTimeoutMs = 60_000,
    idleTimeoutMs = defaultIdleTimeoutMs,
  } = options;
  const gateway = parseGatewayUrl(options.url);
  checkMilliseconds({ connectTimeoutMs, reconnectTimeoutMs, idleTimeoutMs });
  checkAttempts(connectAttempts);
  const connections = new ConnectionManager({
    gateway,
    apiKey,
    transport,
    connectTimeoutMs,
    connectAttempts,
    reconnectTimeoutMs,
    idleTimeoutMs,
  });

  function generate(input: GenerateInput, options?: GenerateOptions & Unsummarised): Generation;
  function generate(input: GenerateInput, options: GenerateOptions): Generation<GenerationEvent | SummaryEvent>;
  function generate(input: GenerateInput, options: GenerateOptions = {}) {
    return streamGeneration(input, { ...options, connections, reconnectTimeoutMs });
  }
  function watch(id: string, options?: WatchOptions & Unsummarised): Generation;
  function watch(id: string, options: WatchOptions): Generation<GenerationEvent | SummaryEvent>;
  function watch(id: string, options: WatchOptions = {}) {
    return watchGeneration(id, { ...options, connections, reconnectTimeoutMs });
  }
  const close = () => connections.close();

  return {
    url: gateway.base,
    generate: Object.assign(generate, {
      subscribe: (input: GenerateInput, options: GenerationCallbacks & GenerateOptions) =>
        subscribe(
          generate(input, { ...options, summary: options.onSummary ? (options.summary ?? true) : false }),
          options,
          input ?? {},
        ),
    }),
    connection: { getState: () => connections.state, subscribe: (listener) => connections.subscribe(listener) },
    watch,
    cancel: (id, { index } = {}) => connections.ask((gateway) => gateway.cancel(id, { index })),
    estimate: (input) => connections.ask((gateway) => gateway.estimate(input)),
    generations: () => connections.ask((gateway) => gateway.generations()),
    activity: () => connections.ask((gateway) => gateway.activity()),
    models: () => connections.ask((gateway) => gateway.models()),
    status: () => connections.ask((gateway) => gateway.status()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Timers count in 31 bits; a longer one fires at once. */
const longestMs = 2 ** 31 - 1;

function checkMilliseconds(options: Record<string, number>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value >= 0 && value <= longestMs) continue;
    throw fieldError({ path: [name], message: `${String(value)} is not a time; give 0 to ${longestMs} ms` });
  }
}

function checkAttempts(connectAttempts: number | undefined): void {
  if (connectAttempts === undefined || (Number.isInteger(connectAttempts) && connectAttempts >= 1)) return;
  throw fieldError({
    path: ['connectAttempts'],
    message: `${String(connectAttempts)} is not a number of attempts; give a whole number from 1 on`,
  });
}
