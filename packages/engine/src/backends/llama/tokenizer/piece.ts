import type { Token } from 'node-llama-cpp';

/** Part of a text, which starts where the part before it ended. */
export interface Piece {
  tokens: Token[];
  characters: number;
}

/** Tokenizes a part of the current text in an event-loop tick. `at` says whether it begins the text or continues it. */
export type TokenizePart = (part: string, at: 'beginning' | 'continued') => Promise<Token[]>;
