/** Files that are being read for a draft. */
export interface Reading {
  id: string;
  /** Which file, and of a PDF which page. */
  words: string;
}
