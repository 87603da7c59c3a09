/** What Markdown says about a text within a line. */
export type Mark = 'strong' | 'emphasis' | 'deleted' | 'code' | 'address';

/** A text without its marks' characters. */
export interface Span {
  text: string;
  marks: readonly Mark[];
}

export function plainSpan(text: string): Span {
  return { text, marks: [] };
}
