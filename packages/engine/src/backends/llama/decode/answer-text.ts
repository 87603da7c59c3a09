import { StringDecoder } from 'node:string_decoder';

import type { LlamaModel, Token } from 'node-llama-cpp';

import { tokenText } from '../tokenizer/token-text.ts';

interface TokenBytes {
  bytes: Buffer;
  /** How a special token is written; null for any other. */
  mark: string | null;
}

const known = new WeakMap<LlamaModel, Map<Token, TokenBytes>>();

/** What an answer's tokens say, one after the other. A character that lies across tokens comes out with the last one. */
export class AnswerText {
  readonly #model: LlamaModel;
  readonly #known: Map<Token, TokenBytes>;
  readonly #decoder = new StringDecoder('utf8');
  readonly #shown: (mark: string) => boolean;

  /** `shown`: which special tokens are written out, since somebody reads them; the others say nothing. */
  constructor(model: LlamaModel, shown: (mark: string) => boolean) {
    this.#model = model;
    this.#shown = shown;
    this.#known = known.get(model) ?? new Map<Token, TokenBytes>();
    known.set(model, this.#known);
  }

  push(token: Token): string {
    let entry = this.#known.get(token);
    if (!entry) this.#known.set(token, (entry = this.#look(token)));
    const { bytes, mark } = entry;
    return mark !== null && !this.#shown(mark) ? '' : this.#decoder.write(bytes);
  }

  #look(token: Token): TokenBytes {
    const { token: text, bytes } = tokenText(this.#model, token);
    return { bytes: Buffer.from(bytes), mark: this.#model.getTokenAttributes(token).control ? text : null };
  }
}
