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
    if (!this.open) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    // In other texts a character is not a byte.
    if (isAscii(text)) this.#socket.write(frameHead(text.length) + text, 'latin1');
    else this.#client.send(text);
  }

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** The head of an unmasked text frame of `length` bytes (RFC 6455, 5.2), a character a byte. */
function frameHead(length: number): string {
  const byte = (shift: number) => String.fromCharCode(Math.floor(length / 2 ** shift) & 0xff);
  const end = String.fromCharCode(0x81);
  if (length < 126) return end + byte(0);
  if (length < 65_536) return `${end}~${byte(8)}${byte(0)}`;
  return `${end}\x7f\0\0\0\0${byte(24)}${byte(16)}${byte(8)}${byte(0)}`;
}
