import type { Reading, TextSource } from './text-source.ts';

/** A message whose header is longer has none. */
const mostOfHeader = 1_000;

const headerEnd = '<|message|>';

/** What ends the body of a message. */
const bodyEnds = ['<|end|>', '<|call|>', '<|return|>', '<|start|>'];

/** What stands before a message of Harmony; empty where a text has none, and `null` at the end. */
export function* readHeader(source: TextSource): Reading<string | null> {
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

/** Whether what comes next cannot be a header. */
function* isPlain(source: TextSource): Reading<boolean> {
  for (const begin of ['<|', 'assistant', 'to=']) if (yield* source.isNext(begin)) return false;
  return true;
}

/** The body of a message as it comes, up to what ends it, which is passed over. */
export function* readBody(source: TextSource, write: (text: string) => void): Reading<void> {
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
