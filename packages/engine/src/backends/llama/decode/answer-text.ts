import { StringDecoder } from 'node:string_decoder';

import type { LlamaModel, Token } from 'node-llama-cpp';

import { tokenText } from '../tokenizer/token-text.ts';

interface TokenBytes {
  bytes: Buffer;
  /** A special token's text; null for any other token. */
  mark: string | null;
}

const known = new WeakMap<LlamaModel, Map<Token, TokenBytes>>();

/** The text of an answer's tokens, one after the other. A character that spans tokens comes with its last one. */
export class AnswerText {
  readonly #model: LlamaModel;
  readonly #known: Map<Token, TokenBytes>;
  readonly #decoder = new StringDecoder('utf8');
  readonly #shown: (mark: string) => boolean;

  /** `shown`: which special tokens appear in the text, as the reader needs them; the others give none. */
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
