import type { Parse, TextSource } from './text-source.ts';

/** A message with a longer header counts as one without. */
const mostOfHeader = 1_000;

const headerEnd = '<|message|>';

/** Marks that end a message's body. */
const bodyEnds = ['<|end|>', '<|call|>', '<|return|>', '<|start|>'];

/** The header of a Harmony message; empty where the text has none, and `null` at the end. */
export function* readHeader(source: TextSource): Parse<string | null> {
  yield* source.skipWhite();
  if ((yield* source.peek()) === '') return null;
  if (yield* isPlain(source)) return '';
  while (!source.buffer.includes(headerEnd)) {
    if (source.buffer.length > mostOfHeader) return '';
    if (source.ended) return /<\||^assistant$/.test(source.buffer) ? null : '';
    yield;
  }
  source.at = source.buffer.indexOf(headerEnd);
  const header = source.buffer.slice(0, source.at);
  source.at += headerEnd.length;
  source.drop();
  return header;
}

/** Whether the text that comes next cannot be a header. */
function* isPlain(source: TextSource): Parse<boolean> {
  for (const begin of ['<|', 'assistant', 'to=']) if (yield* source.isNext(begin)) return false;
  return true;
}

/** Passes on a message's body as it arrives, up to the mark that ends it, and consumes that. */
export function* readBody(source: TextSource, write: (text: string) => void): Parse<void> {
  for (;;) {
    const { buffer } = source;
    const found = bodyEnds.map((mark) => ({ mark, at: buffer.indexOf(mark) })).filter(({ at }) => at !== -1);
    const first = found.toSorted((one, other) => one.at - other.at)[0];
    let to = first?.at ?? buffer.length;
    if (first === undefined && !source.ended) {
      const from = buffer.lastIndexOf('<');
      if (from !== -1 && bodyEnds.some((mark) => mark.startsWith(buffer.slice(from)))) to = from;
    }
    write(buffer.slice(0, to));
    source.at = to + (first?.mark.length ?? 0);
    source.drop();
    if (first !== undefined || source.ended) return;
    yield;
  }
}
