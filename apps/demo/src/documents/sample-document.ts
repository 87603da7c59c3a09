import { textDocument, type TextDocument } from './text-document.ts';

/** A document of about 3,000 tokens of the embedded model, long enough to watch the prefill. */
export async function loadSampleDocument(): Promise<TextDocument> {
  const response = await fetch('/how-a-model-reads.txt');
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return textDocument('how-a-model-reads.txt', await response.text());
}
