import type { TemplateInput } from '../template/chat-template.ts';
import { mapContent, type Content } from './map-content.ts';
import { promptFacts, separatorPlaces, type SeparatorPlace } from './separator-places.ts';
import type { SpecialMarks } from './special-marks.ts';
import { escapeOf, unusedCharacter } from './unused-character.ts';

/** A rendered prompt with `separator` inside each mark that came from content, so that it is tokenized as text. */
export interface SeparatedText {
  text: string;
  /** Null where no mark needs one. */
  separator: string | null;
}

/**
 * Prevents special tokens in content: finds marks in a rendered prompt that come from the conversation, not the
 * template.
 *
 * The template renders the true text. Where content holds a mark or part of one, it renders once more with a separator,
 * an unused character, inside each; without the separators both texts must be equal. A template that looks for marks in
 * content itself (mostly thoughts' tags) renders another text then. A binary search finds the separators that it cannot
 * have, and those marks are located in the true text by the characters around them.
 *
 * `source` is the template's; it shows whether the template changes texts.
 */
export function separateMarks(
  rendered: string,
  input: TemplateInput,
  render: (input: TemplateInput) => string | null,
  marks: SpecialMarks,
  source = '',
): SeparatedText {
  const facts = promptFacts(rendered, marks, source);
  const found = new Map<string, Separator[]>();
  mapContent(input, (content) => {
    const key = keyOf(content);
    const places = found.has(key) ? [] : separatorPlaces(content, facts);
    if (places.length > 0)
      found.set(
        key,
        places.map((place) => ({ ...place, key, content })),
      );
    return content.text;
  });
  if (found.size === 0) return { text: rendered, separator: null };
  const separator = unusedCharacter(rendered + JSON.stringify(input));
  let left = mostTried;
  const attempt = (separators: readonly Separator[]): string | null => {
    left--;
    const places = new Map<string, number[]>();
    for (const { key, at } of separators) {
      const before = places.get(key);
      if (before) before.push(at);
      else places.set(key, [at]);
    }
    const text = render(
      mapContent(input, (content) => withCharacter(content.text, separator, places.get(keyOf(content)) ?? [])),
    )?.replaceAll(escapeOf(separator), separator);
    return text?.replaceAll(separator, '') === rendered ? text : null;
  };
  const allSeparators = [...found.values()].flat();
  const whole = attempt(allSeparators);
  if (whole !== null) return { text: whole, separator };
  const possible = (separators: readonly Separator[]): readonly Separator[] => {
    if (left <= 0) return [];
    if (attempt(separators) !== null) return separators;
    const middle = separators.length >> 1;
    return middle === 0 ? [] : [...possible(separators.slice(0, middle)), ...possible(separators.slice(middle))];
  };
  const middle = allSeparators.length >> 1;
  const kept = new Set([...possible(allSeparators.slice(0, middle)), ...possible(allSeparators.slice(middle))]);
  const some = kept.size > 0 ? attempt([...kept]) : null;
  const cuts = new Set(some === null ? [] : placesOf(some, separator));
  for (const one of allSeparators) {
    if (some === null || !kept.has(one)) for (const at of placesByContext(rendered, one)) cuts.add(at);
  }
  return {
    text: withCharacter(
      rendered,
      separator,
      [...cuts].toSorted((a, b) => a - b),
    ),
    separator,
  };
}

interface Separator extends SeparatorPlace {
  content: Content;
  key: string;
}

const keyOf = ({ text, isAnswer }: Content) => `${isAnswer} ${text}`;

/** Most renders to find the separators that a template can have. */
const mostTried = 64;

/** Characters on either side of a mark by which it is located. */
const surroundings = 8;

/** `places` must ascend. */
function withCharacter(text: string, character: string, places: readonly number[]): string {
  if (places.length === 0) return text;
  const parts = [0, ...places].map((from, index) => text.slice(from, places[index]));
  return parts.join(character);
}

/** Indices of the separators in the text without them. */
function placesOf(separated: string, separator: string): number[] {
  let at = 0;
  return separated
    .split(separator)
    .slice(0, -1)
    .map(({ length }) => (at += length));
}

/** Indices where a mark stands between the same characters as in the content, either literal or JSON-quoted. */
function placesByContext(rendered: string, { content: { text }, at, mark }: Separator): number[] {
  if (mark === null) return [];
  const start = text.length - text.trimStart().length;
  const before = text.slice(Math.max(start, at - 1 - surroundings), at - 1);
  const after = text.trimEnd().slice(at - 1 + mark.length, at - 1 + mark.length + surroundings);
  const quoted = (part: string) => JSON.stringify(part).slice(1, -1);
  const pairs = new Map([
    [before + mark + after, before.length],
    [quoted(before) + quoted(mark) + quoted(after), quoted(before).length],
  ]);
  const places: number[] = [];
  const [prompt, comparable] = withoutCase(rendered);
  for (const [around, length] of pairs) {
    const sought = comparable(around);
    for (let from = prompt.indexOf(sought); from >= 0; from = prompt.indexOf(sought, from + 1))
      places.push(from + length + 1);
  }
  return places;
}

/** The template may change the case. Some letters change their length with it, and then the case stays. */
function withoutCase(text: string): [text: string, comparable: (text: string) => string] {
  const lower = text.toLowerCase();
  return lower.length === text.length ? [lower, (other) => other.toLowerCase()] : [text, (other) => other];
}
