import { textDocument, type TextDocument } from './text-document.ts';

/** Some 3,000 tokens of the embedded model, so that its reading can be watched. */
export async function loadSampleDocument(): Promise<TextDocument> {
  const response = await fetch('/how-a-model-reads.txt');
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return textDocument('how-a-model-reads.txt', await response.text());
}
