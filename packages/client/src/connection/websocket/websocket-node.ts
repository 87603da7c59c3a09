import { WebSocket as NodeSocket, type ClientOptions } from 'ws';

/** Streams consist of many small frames: compressing each one costs more than it saves. */
const options: ClientOptions & { closeTimeout: number } = { perMessageDeflate: false, closeTimeout: 2_000 };

class NodeWebSocket extends NodeSocket {
  constructor(url: string | URL) {
    super(url, options);
  }
}

/** Node 20 has no WebSocket. The one of `ws` has the same shape; only its event types differ from the DOM's. */
export const platformWebSocket = (): typeof WebSocket => NodeWebSocket as unknown as typeof WebSocket;

/** An open socket keeps a Node process running, so it closes soon after the last call. */
export const defaultIdleTimeoutMs = 1_000;
