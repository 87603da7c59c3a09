/** Where in a message the bytes of a WebSocket are. */
interface Place {
  /** Bytes of a frame's head that came, while it is not whole. */
  head: number[];
  /** Bytes of the frame's payload that are to come; null between frames and in a head. */
  payload: number | null;
  /** The frame is a ping, a pong or a goodbye, which may come within a message. */
  control: boolean;
  last: boolean;
}

/**
 * Follows the frames of a WebSocket (RFC 6455, 5.2) as its bytes come, and knows how much of a message that is not whole
 * has come. What breaks the protocol is for the WebSocket itself to find.
 */
export class FrameMeter {
  readonly #place: Place = { head: [], payload: null, control: false, last: false };
  /** A message's first frame has ended, and its last one has not. */
  #fragmented = false;
  #bytes = 0;
  #parts = 0;
  #whole = 0;

  /** Bytes of what is not whole. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Pieces in which it came: frames, and reads from the network. */
  get parts(): number {
    return this.#parts;
  }

  /** Messages that are whole. */
  get whole(): number {
    return this.#whole;
  }

  take(chunk: Uint8Array): void {
    const place = this.#place;
    this.#parts += 1;
    for (let at = 0; at < chunk.length;) {
      if (place.payload === null) {
        place.head.push(chunk[at] ?? 0);
        at += 1;
        this.#readHead();
      } else {
        const taken = Math.min(place.payload, chunk.length - at);
        at += taken;
        place.payload -= taken;
        this.#bytes += taken;
      }
      if (place.payload === 0) this.#endFrame();
    }
    if (!this.#fragmented && place.payload === null && place.head.length === 0) this.#forget();
  }

  #readHead(): void {
    const { head } = this.#place;
    const [first = 0, second = 0] = head;
    if (head.length < 2) return;
    const short = second & 0x7f;
    const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
    const masked = (second & 0x80) === 0 ? 0 : 4;
    if (head.length < 2 + wide + masked) return;
    const length = head.slice(2, 2 + wide).reduce((sum, byte) => sum * 256 + byte, 0);
    Object.assign(this.#place, {
      head: [],
      payload: wide === 0 ? short : length,
      control: (first & 0x08) !== 0,
      last: (first & 0x80) !== 0,
    });
  }

  #endFrame(): void {
    const { control, last } = this.#place;
    this.#place.payload = null;
    if (control) return;
    this.#fragmented = !last;
    if (last) {
      this.#whole += 1;
      this.#forget();
    } else this.#parts += 1;
  }

  #forget(): void {
    this.#bytes = 0;
    this.#parts = 0;
  }
}
