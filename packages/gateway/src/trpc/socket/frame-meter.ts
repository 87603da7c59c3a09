/** The parser's position in a WebSocket's frames. */
interface Position {
  /** Received bytes of an incomplete frame header. */
  head: number[];
  /** Payload bytes that the frame still misses; null between frames and within a header. */
  payload: number | null;
  /** Whether the frame is a ping, a pong or a close frame, which may arrive between the frames of a message. */
  control: boolean;
  last: boolean;
}

/**
 * Parses the frame headers of a WebSocket (RFC 6455, 5.2) as its bytes arrive, and measures how much of an incomplete
 * message has arrived. It ignores violations of the protocol, which the WebSocket itself reports.
 */
export class FrameMeter {
  readonly #position: Position = { head: [], payload: null, control: false, last: false };
  /** Whether the message's first frame has ended and its last one has not. */
  #fragmented = false;
  #bytes = 0;
  #pieces = 0;
  #messages = 0;

  /** Payload bytes of the incomplete message. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Pieces of the incomplete message: its frames, and the reads from the network that brought them. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Messages that arrived complete. */
  get messages(): number {
    return this.#messages;
  }

  /** Parses the bytes of one read from the network. */
  add(chunk: Uint8Array): void {
    const position = this.#position;
    this.#pieces += 1;
    for (let at = 0; at < chunk.length;) {
      if (position.payload === null) {
        position.head.push(chunk[at] ?? 0);
        at += 1;
        this.#readHead();
      } else {
        const taken = Math.min(position.payload, chunk.length - at);
        at += taken;
        position.payload -= taken;
        this.#bytes += taken;
      }
      if (position.payload === 0) this.#endFrame();
    }
    if (!this.#fragmented && position.payload === null && position.head.length === 0) this.#forget();
  }

  #readHead(): void {
    const { head } = this.#position;
    const [first = 0, second = 0] = head;
    if (head.length < 2) return;
    const short = second & 0x7f;
    const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
    const masked = (second & 0x80) === 0 ? 0 : 4;
    if (head.length < 2 + wide + masked) return;
    const length = head.slice(2, 2 + wide).reduce((sum, byte) => sum * 256 + byte, 0);
    Object.assign(this.#position, {
      head: [],
      payload: wide === 0 ? short : length,
      control: (first & 0x08) !== 0,
      last: (first & 0x80) !== 0,
    });
  }

  #endFrame(): void {
    const { control, last } = this.#position;
    this.#position.payload = null;
    if (control) return;
    this.#fragmented = !last;
    if (last) {
      this.#messages += 1;
      this.#forget();
    } else this.#pieces += 1;
  }

  #forget(): void {
    this.#bytes = 0;
    this.#pieces = 0;
  }
}
