import type { TokenRange } from './token-range.ts';

/** One of the request's `spans`, as the tokens that have any of its text. It has none if the template leaves it out. */
export interface PromptSpan extends TokenRange {
  name: string;
  /** Whether the place is derived from its share of the characters. @default false: it is exact */
  estimated?: boolean;
}
