import { StringDecoder } from 'node:string_decoder';

import type { LlamaModel, Token } from 'node-llama-cpp';

import { tokenText } from '../token-text.ts';

const known = new WeakMap<LlamaModel, Map<Token, Buffer>>();

/** What an answer's tokens say, one after the other. A character that lies across tokens comes out with the last one. */
export class AnswerText {
  readonly #model: LlamaModel;
  readonly #bytes: Map<Token, Buffer>;
  readonly #decoder = new StringDecoder('utf8');
  readonly #shown: (mark: string) => boolean;

  /** `shown`: which special tokens are written out, since somebody reads them; the others say nothing. */
  constructor(model: LlamaModel, shown: (mark: string) => boolean) {
    this.#model = model;
    this.#shown = shown;
    const bytes = known.get(model) ?? new Map<Token, Buffer>();
    known.set(model, bytes);
    this.#bytes = bytes;
  }

  push(token: Token): string {
    let bytes = this.#bytes.get(token);
    if (!bytes) this.#bytes.set(token, (bytes = this.#bytesOf(token)));
    return bytes.length === 0 ? '' : this.#decoder.write(bytes);
  }

  #bytesOf(token: Token): Buffer {
    const { token: text, bytes } = tokenText(this.#model, token);
    return this.#model.getTokenAttributes(token).control && !this.#shown(text) ? Buffer.alloc(0) : Buffer.from(bytes);
  }
}
