import { createLowlight } from 'lowlight';

import { languages } from './languages.ts';
import { toSpans, type Span } from './spans.ts';

/** Code to highlight. */
export interface HighlightRequest {
  id: number;
  /** A name of `languages`. */
  grammar: string;
  text: string;
}

export interface HighlightReply {
  id: number;
  /** Empty if the grammar could not be loaded. */
  spans: Span[];
  /** The time it took, in milliseconds. */
  ms: number;
}

const lowlight = createLowlight();

addEventListener('message', ({ data }: MessageEvent<HighlightRequest>) => void highlight(data));

async function highlight({ id, grammar, text }: HighlightRequest): Promise<void> {
  let spans: Span[] = [];
  const started = performance.now();
  try {
    const language = await languages[grammar]?.();
    if (language && !lowlight.registered(grammar)) lowlight.register(grammar, language.default);
    spans = toSpans(lowlight.highlight(grammar, text));
  } catch {
    // The file did not arrive, or the grammar has a fault: code without colours is still code.
  }
  const reply: HighlightReply = { id, spans, ms: performance.now() - started };
  // oxlint-disable-next-line require-post-message-target-origin
  postMessage(reply);
}
