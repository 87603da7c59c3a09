/** What carries a connection: a WebSocket, or HTTP requests where those are blocked. */
export type Carrier = 'websocket' | 'http';

/** How a client stands with its gateway. A new object at each change, the same one until then. */
export interface ConnectionState {
  /**
   * `idle`: nothing is under way and nothing open; `connecting`: for the first time; `reconnecting`: the connection was
   * lost, and what was under way waits to go on.
   */
  readonly phase: 'idle' | 'connecting' | 'open' | 'reconnecting';
  /** What an open connection goes over. */
  readonly via: Carrier | null;
}
