import { messageText, type GenerateRequest, type Message } from '@headway/protocol';

import type { TextRange } from '../../../../spans/token-range.ts';
import { escapeOf, unusedCharacter } from '../content/unused-character.ts';
import { findText } from './find-text.ts';

type SpannedChat = Required<Pick<GenerateRequest, 'messages' | 'spans'>>;

/**
 * Finds a request's spans in the text that the chat template rendered of its messages; null for a span whose text is not
 * there. A template that shows a message twice has its spans where it shows it first.
 *
 * The template renders once more with marks of unused characters around each span; without the marks both texts must be
 * equal. Where a template strips the white space around a message, marks inside of that white space would keep it, so they
 * move to what is left. For a template that looks into messages in other ways, spans are searched for by their text.
 *
 * `render` renders the messages in place of the request's own; null when the template refuses them.
 */
export function locateSpans(
  rendered: string,
  { messages, spans }: SpannedChat,
  render: (messages: Message[]) => string | null,
): (TextRange | null)[] {
  const texts = messages.map(({ content }) => messageText(content));
  const placed = spans.map(({ start, end, message = messages.length - 1 }) => ({ start, end, message }));
  const marks = createMarks(rendered + texts.join(''));
  for (const strips of whatTemplatesStrip) {
    const marked = render(markMessages(messages, texts, placed, { marks, strips }));
    const found = marked === null ? null : marks.read(marked);
    if (found?.text === rendered) return spans.map((_, at) => rangeBetween(found.places, at));
  }
  return searchSpans(rendered, texts, placed);
}

interface PlacedSpan extends TextRange {
  message: number;
}

interface Stripped {
  before: boolean;
  after: boolean;
}

const whatTemplatesStrip: readonly Stripped[] = [
  { before: false, after: false },
  { before: false, after: true },
  { before: true, after: false },
  { before: true, after: true },
];

interface Marks {
  /** The mark of a number below 512. */
  of: (number: number) => string;
  /** The text without marks, and the first place in it of each number. */
  read: (marked: string) => { text: string; places: ReadonlyMap<number, number> };
}

/** Binary digits of a mark: 256 spans have two ends each. */
const digits = 9;

function createMarks(texts: string): Marks {
  const zero = unusedCharacter(texts);
  const one = unusedCharacter(texts + zero);
  const whole = new RegExp(`[${zero}${one}]{${digits}}`, 'g');
  return {
    of: (number) => number.toString(2).padStart(digits, '0').replaceAll('0', zero).replaceAll('1', one),
    read(marked) {
      const plain = marked.replaceAll(escapeOf(zero), zero).replaceAll(escapeOf(one), one);
      const places = new Map<number, number>();
      let removed = 0;
      for (const { 0: mark, index } of plain.matchAll(whole)) {
        const number = Number.parseInt(mark.replaceAll(zero, '0').replaceAll(one, '1'), 2);
        if (!places.has(number)) places.set(number, index - removed);
        removed += digits;
      }
      return { text: plain.replaceAll(whole, ''), places };
    },
  };
}

/** A span's beginning has the mark of twice its index, its end the one after. */
function markMessages(
  messages: readonly Message[],
  texts: readonly string[],
  spans: readonly PlacedSpan[],
  { marks, strips }: { marks: Marks; strips: Stripped },
): Message[] {
  return messages.map((message, index) => {
    const text = texts[index] ?? '';
    const first = strips.before ? text.length - text.trimStart().length : 0;
    const last = strips.after ? text.trimEnd().length : text.length;
    let content = '';
    let done = 0;
    for (const [at, span] of spans.entries()) {
      const [start, end] = [Math.max(span.start, first), Math.min(span.end, last)];
      if (span.message !== index || start >= end) continue;
      content += text.slice(done, start) + marks.of(2 * at) + text.slice(start, end) + marks.of(2 * at + 1);
      done = end;
    }
    return done === 0 ? message : { ...message, content: content + text.slice(done) };
  });
}

function rangeBetween(places: ReadonlyMap<number, number>, at: number): TextRange | null {
  const [start, end] = [places.get(2 * at), places.get(2 * at + 1)];
  return start === undefined || end === undefined || end < start ? null : { start, end };
}

/** After so many spans that are not there, the others count as such, too: each is a reading of the whole prompt. */
const mostMissing = 8;

/** Searches for each span behind the one before it. */
function searchSpans(rendered: string, texts: readonly string[], spans: readonly PlacedSpan[]): (TextRange | null)[] {
  let from = 0;
  let missing = 0;
  return spans.map(({ start, end, message }) => {
    const text = (texts[message] ?? '').slice(start, end).trim();
    if (text === '' || missing >= mostMissing) return null;
    const found = findText(rendered, text, from);
    if (found < 0) {
      missing++;
      return null;
    }
    from = found + text.length;
    return { start: found, end: from };
  });
}
