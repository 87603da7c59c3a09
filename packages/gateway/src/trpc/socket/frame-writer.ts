import type { Socket } from 'node:net';

import { WebSocket } from 'ws';

/**
 * Writes text frames as one string each, and those of one callback of the event loop with one system call. It writes past
 * ws's own queue, so the WebSocket must not compress (`perMessageDeflate`) and must not send Blobs.
 */
export class FrameWriter {
  readonly #client: WebSocket;
  readonly #socket: Socket;
  #corked = false;

  /** @param socket the TCP socket under the WebSocket (the `socket` of its upgrade request) */
  constructor(client: WebSocket, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
  }

  /** Whether the WebSocket still sends texts. */
  get open(): boolean {
    return this.#client.readyState === WebSocket.OPEN;
  }

  /** Sends a text frame, in order with all others of the WebSocket. Does nothing when it is not open. */
  send(text: string): void {
    if (isAscii(text)) return this.sendAscii(text);
    if (!this.open) return;
    this.#cork();
    this.#client.send(text);
  }

  /**
   * As `send`, for a text of ASCII characters alone, in which a character is a byte. The last text of a callback of the
   * event loop costs less when the caller says so.
   */
  sendAscii(text: string, last = false): void {
    if (!this.open) return;
    if (!last) this.#cork();
    this.#socket.write(frameHead(text.length) + text, 'latin1');
    if (last && this.#corked) this.#uncork();
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(this.#uncork);
  }

  readonly #uncork = (): void => {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  };
}

export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** The head of an unmasked text frame of `length` bytes (RFC 6455, 5.2), a character a byte. */
function frameHead(length: number): string {
  if (length < 126) return String.fromCharCode(0x81, length);
  if (length < 65_536) return String.fromCharCode(0x81, 126, length >> 8, length & 0xff);
  // V8's strings have less than 2 ** 30 characters.
  const byte = (shift: number) => (length >> shift) & 0xff;
  return String.fromCharCode(0x81, 127, 0, 0, 0, 0, byte(24), byte(16), byte(8), byte(0));
}
