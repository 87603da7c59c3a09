import { z } from 'zod';

import { maxBodyBytes } from '../max-body-bytes.ts';

/** A model's id; `default` is the first model. */
const model = z.string().min(1).max(256).default('default');

/** Asks for the tokens of a text. */
export const tokenizeRequest = z.strictObject({
  model,
  text: z.string().max(maxBodyBytes),
  /** Whether special tokens in the text are parsed as such, or as plain text. */
  special: z.boolean().default(true),
  /** Whether to put the beginning-of-text token first, if the model uses one. */
  beginning: z.boolean().default(false),
});

/** Asks for the text of tokens. */
export const detokenizeRequest = z.strictObject({
  model,
  /** Token ids. */
  tokens: z.array(z.int().min(0)).max(1_000_000),
});

/** A request as a caller writes it: fields with defaults may be left out. */
export type TokenizeInput = z.input<typeof tokenizeRequest>;
export type TokenizeRequest = z.output<typeof tokenizeRequest>;
export type DetokenizeInput = z.input<typeof detokenizeRequest>;
export type DetokenizeRequest = z.output<typeof detokenizeRequest>;

/** One token of a tokenised text. */
export interface TextToken {
  id: number;
  /** The token's text; special tokens are written out, such as `<|im_end|>`. */
  piece: string;
  /** UTF-8; they may be a part of a character. */
  bytes: number[];
}
