/** What carries a connection: a WebSocket, or HTTP requests where WebSockets are blocked. */
export type Transport = 'websocket' | 'http';

/** The client's connection to its gateway. Each change makes a new object. */
export interface ConnectionState {
  /**
   * `idle`: no call is pending and no connection is open. `connecting`: the client opens its first connection.
   * `reconnecting`: the client lost the connection, and its pending calls wait for the next one.
   */
  readonly phase: 'idle' | 'connecting' | 'open' | 'reconnecting';
  /** What the open connection uses; null while none is open. */
  readonly transport: Transport | null;
}
