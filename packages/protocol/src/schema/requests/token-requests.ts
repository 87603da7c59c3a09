import { z } from 'zod';

import { maxBodyBytes } from '../max-body-bytes.ts';

/** A model's id; left out or `default`: the first one. */
const model = z.string().min(1).max(256).default('default');

/** Asks for the tokens of a text. */
export const tokenizeRequest = z.strictObject({
  model,
  text: z.string().max(maxBodyBytes),
  /** Whether special tokens that are written out count as such, or as plain text. */
  special: z.boolean().default(true),
  /** Whether the beginning-of-text token comes first, where the model wants one. */
  beginning: z.boolean().default(false),
});

/** Asks for the text of tokens. */
export const detokenizeRequest = z.strictObject({
  model,
  /** Their ids. */
  tokens: z.array(z.int().min(0)).max(1_000_000),
});

/** What a caller writes: everything with a default may be left out. */
export type TokenizeInput = z.input<typeof tokenizeRequest>;
export type TokenizeRequest = z.output<typeof tokenizeRequest>;
export type DetokenizeInput = z.input<typeof detokenizeRequest>;
export type DetokenizeRequest = z.output<typeof detokenizeRequest>;

/** A token by itself. */
export interface TextToken {
  id: number;
  /** Its text, special ones written out. */
  piece: string;
  /** In UTF-8; they may be a part of a character. */
  bytes: number[];
}
