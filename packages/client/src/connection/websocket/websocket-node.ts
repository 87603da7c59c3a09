import { WebSocket as NodeSocket, type ClientOptions } from 'ws';

/** Streams are many small frames: compressing each costs more than it saves. */
const options: ClientOptions & { closeTimeout: number } = { perMessageDeflate: false, closeTimeout: 2_000 };

class NodeWebSocket extends NodeSocket {
  constructor(url: string | URL) {
    super(url, options);
  }
}

/** Node 20 has no WebSocket of its own; `ws` has the same shape, with its events typed apart from the DOM's. */
export const platformWebSocket = (): typeof WebSocket => NodeWebSocket as unknown as typeof WebSocket;

/** An open socket keeps a script from ending; after this time without a call it is closed. */
export const defaultIdleTimeoutMs = 1_000;
