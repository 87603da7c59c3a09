import { Field, fieldError, sentence, type Issue, type Span } from '@headway/protocol';

/** Where an entry of another API's conversation has its text among the engine's messages. */
export interface TextPlace {
  /** The message's index. */
  message: number;
  /** Characters of the message before the text, which other entries have. */
  offset: number;
  length: number;
}

/** The conversation in a body, by its field's name. */
export interface SpannedList {
  name: 'messages' | 'input';
  /** The entries in it. */
  length: number;
  /** Undefined for an entry without a text of its own. */
  placeOf: (entry: number) => TextPlace | undefined;
}

/**
 * Converts the `spans` of a body whose entries are not one message each: `message` is an entry's index there, the last
 * one's by default.
 *
 * @throws HeadwayError `invalid-request` for a span outside of its entry's text
 */
export function placeSpans(spans: readonly Span[] | null | undefined, list: SpannedList): Span[] | null {
  if (!spans) return null;
  const placed = spans.map((span, at) => placeSpan(span, at, list));
  const faults = placed.flatMap((one) => ('path' in one ? [one] : []));
  if (faults.length > 0) throw fieldError(faults);
  return placed.flatMap((one) => ('path' in one ? [] : [one]));
}

function placeSpan({ name, start, end, message }: Span, at: number, list: SpannedList): Span | Issue {
  const entry = message ?? list.length - 1;
  const place = list.placeOf(entry);
  if (!place) {
    const words =
      entry < list.length
        ? sentence`${new Field(list.name, entry)} has no text of its own; send the index of an entry with one`
        : sentence`is ${entry}, but the last of the ${new Field(list.name)} is ${list.length - 1}; send its index`;
    return { path: ['spans', at, 'message'], ...words };
  }
  const { message: index, offset, length } = place;
  if (end > length) {
    const text = new Field(list.name, entry);
    const words = sentence`is past the end of the text of ${text}, which has ${length} UTF-16 code units; send ${length} at most`;
    return { path: ['spans', at, 'end'], ...words, expected: `at most ${length}` };
  }
  return { name, start: offset + start, end: offset + end, message: index };
}
