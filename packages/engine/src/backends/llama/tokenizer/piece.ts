import type { Token } from 'node-llama-cpp';

/** A part of a text, from where the one before it ended. */
export interface Piece {
  tokens: Token[];
  characters: number;
}

/** Tokenises a part of the text at hand, in a turn of the event loop: its beginning, or what goes on from something. */
export type TokenizePart = (part: string, at: 'beginning' | 'continued') => Promise<Token[]>;
