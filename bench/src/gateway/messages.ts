/** The messages between the processes of this benchmark. */

/** To the gateway's process. */
export type ServeCommand = { kind: 'watch' } | { kind: 'mark' } | { kind: 'report' } | { kind: 'close' };

/** From the gateway's process: its URL, then the answer to each `report`. */
export type ServeMessage = { kind: 'listening'; url: string } | ({ kind: 'report' } & GatewayCost);

/** The gateway's cost: its processor time since the `mark`, all else since the `watch`. */
export interface GatewayCost {
  /** Share of one core. */
  cpu: number;
  /** Processor time, in ms. Unlike the share, it hardly depends on what else the machine does. */
  cpuMs: number;
  /** Peak memory of the process, and how much of it came since the `watch`, in MiB. */
  rssMiB: number;
  grownMiB: number;
  /** Peak size of its heap and of its buffers, in MiB. */
  heapMiB: number;
  buffersMiB: number;
  /** Most unsent bytes of any one connection. */
  mostWaiting: number;
  /** Longest delay of the event loop, in ms. */
  worstPauseMs: number;
}

/** To the clients' process. */
export interface LoadCommand {
  url: string;
  /** What the clients speak: tRPC over WebSockets, or OpenAI's chat, each stream on a connection of its own. */
  surface: 'trpc' | 'openai';
  streams: number;
  /** How many of the streams write long tokens, which exceed the system's socket buffers. */
  long: number;
  /** Whether the clients of long streams stop reading after the first token, for 80 % of the run. */
  stall: boolean;
  sockets: number;
  seconds: number;
  tokensPerSecond: number;
  models: number;
}

/**
 * From the clients' process: `begun` when all streams have a token, `ending` when the first has ended, and the report when
 * all have.
 */
export type LoadMessage = { kind: 'begun' } | { kind: 'ending' } | ({ kind: 'report' } & LoadReport);

export interface LoadReport {
  /** Tokens of the short streams. */
  tokens: number;
  /** Tokens of all streams while all wrote: between `begun` and `ending`. */
  steadyTokens: number;
  /** Latency of the short streams' tokens from writing to arrival while all streams wrote, in ms. */
  latencyMs: { p50: number; p99: number; p999: number; worst: number };
  /** WebSocket messages that carried those tokens. */
  messages: number;
  tokensPerSecondEach: number;
  /** Tokens of all streams that never arrived, and those that arrived out of order or twice. */
  lost: number;
  disordered: number;
  /** Streams that did not end in one `done`. */
  unfinished: number;
  /** Long streams that the gateway closed with `slow-consumer` and that resumed on a new socket. */
  resumed: number;
  /** Share of one core that the clients used. */
  cpu: number;
}
