import { useEffect, useRef, useState } from 'react';

import { codeChunks } from '../parse/code-chunks.ts';
import { highlight } from './highlighter.ts';
import { grammarOf } from './language-names.ts';
import { cutSpans, type Span } from './spans.ts';

/** The colours of a chunk of code, and the text that they belong to. */
export interface ChunkColours {
  text: string;
  spans: readonly Span[];
}

/** In characters. Longer code stays plain. */
const longest = 300_000;

/**
 * The colours of code, chunk by chunk. Of growing code, only whole lines get colours, again and again; the time between
 * grows with what they cost.
 */
export function useHighlight(text: string, language: string, growing: boolean): readonly ChunkColours[] {
  const [colours, setColours] = useState<readonly ChunkColours[]>([]);
  const latest = useRef('');
  const done = useRef('');
  const next = useRef(0);
  const [busy, setBusy] = useState(false);
  const grammar = grammarOf(language);
  const wanted =
    grammar === null || text.length > longest ? '' : growing ? text.slice(0, text.lastIndexOf('\n') + 1) : text;

  useEffect(() => {
    latest.current = wanted;
    if (busy || grammar === null || wanted === done.current) return;
    const start = () => {
      const asked = latest.current;
      setBusy(true);
      void highlight(grammar, asked).then(({ spans, ms }) => {
        done.current = asked;
        next.current = performance.now() + pauseAfter(ms);
        setColours((before) => colourChunks(before, asked, spans));
        setBusy(false);
      });
    };
    const wait = growing ? next.current - performance.now() : 0;
    if (wait <= 0) {
      start();
      return;
    }
    const timer = setTimeout(start, wait);
    return () => clearTimeout(timer);
  }, [wanted, grammar, growing, busy]);

  return colours;
}

/** Both in milliseconds. */
function pauseAfter(ms: number): number {
  return Math.max(200, 5 * ms);
}

/** Keeps a chunk whose colours did not change, so that it does not render again. */
function colourChunks(before: readonly ChunkColours[], text: string, spans: readonly Span[]): readonly ChunkColours[] {
  const chunks = codeChunks(text);
  const cut = cutSpans(
    spans,
    chunks.map(({ length }) => length),
  );
  return chunks.map((chunk, at) => {
    const old = before[at];
    const own = cut[at] ?? [];
    return old?.text === chunk && String(old.spans) === String(own) ? old : { text: chunk, spans: own };
  });
}
