/** What the processes of this benchmark say to each other. */

/** To the gateway's process. */
export type ServeCommand = { kind: 'watch' } | { kind: 'report' } | { kind: 'close' };

/** From it: first where it listens, then what each report asked for. */
export type ServeMessage = { kind: 'listening'; url: string } | ({ kind: 'report' } & GatewayCost);

/** Since the last `watch`. */
export interface GatewayCost {
  /** Share of one core. */
  cpu: number;
  /** Most memory that the process had, in MiB. */
  rssMiB: number;
  /** Most that its heap and its buffers had, in MiB. */
  heapMiB: number;
  buffersMiB: number;
  /** Most bytes that waited in the gateway for any one connection. */
  mostWaiting: number;
  /** Longest time that the loop stood still, in ms. */
  worstPauseMs: number;
}

/** To the clients' process. */
export interface LoadCommand {
  url: string;
  streams: number;
  /** Of them, how many write more a token, so much that the machine's own buffers cannot hold it. */
  long: number;
  /** Whether those are not read after their first token, for four fifths of the run. */
  stall: boolean;
  sockets: number;
  seconds: number;
  tokensPerSecond: number;
  models: number;
}

/** From it: when all streams have ended, and what was seen. */
export type LoadMessage = { kind: 'read' } | ({ kind: 'report' } & LoadReport);

export interface LoadReport {
  /** Of the short streams. */
  tokens: number;
  /** How late their tokens were, in ms. */
  latencyMs: { p50: number; p99: number; p999: number; worst: number };
  /** WebSocket messages that brought them. */
  messages: number;
  tokensPerSecondEach: number;
  /** Tokens of all streams that never came, or came out of order or twice. */
  lost: number;
  disordered: number;
  /** Streams that did not end in one `done`. */
  unfinished: number;
  /** Tokens of the long streams, whenever they were read. */
  longTokens: number;
  /** Long streams whose socket was closed (`slow-consumer`) and that went on with another. */
  resumed: number;
  /** Share of one core that the clients took. */
  cpu: number;
}
