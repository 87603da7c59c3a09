/** The browser's WebSocket. It is read when the first connection opens, so that this file can be imported anywhere. */
export const platformWebSocket = (): typeof WebSocket => globalThis.WebSocket;

/** An idle socket costs a page nothing; opening another one costs the next prompt two round trips. */
export const defaultIdleTimeoutMs = 60_000;
