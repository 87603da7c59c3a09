/** The platform's own. Read when the first connection opens, so that importing this needs no browser. */
export const platformWebSocket = (): typeof WebSocket => globalThis.WebSocket;

/** An idle socket costs a page nothing, and opening one anew costs the next prompt two round trips. */
export const defaultIdleTimeoutMs = 60_000;
