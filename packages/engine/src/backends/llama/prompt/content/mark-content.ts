import type { TemplateInput } from '../template/chat-template.ts';
import { mapContent, type Content } from './map-content.ts';
import { promptFacts, seamPlaces, type SeamPlace } from './seam-places.ts';
import type { SpecialMarks } from './special-marks.ts';

/** A rendered prompt in which `seam` stands within each mark that came from content, where it must be read as text. */
export interface SeamedText {
  text: string;
  /** Null where nothing needs one. */
  seam: string | null;
}

/**
 * Finds in a rendered prompt what only looks like a special token, since the conversation says so and not the template.
 *
 * The template renders the true text. Where content holds a mark, or a part of one, it renders once more with a seam, a
 * character that nobody uses, put into each; without the seams both texts must be equal. A template that looks for
 * marks in content itself (the tags of thoughts, mostly) renders something else then: by halves it is found out which
 * seams it cannot have, and those marks are looked for in the true text by what stands around them.
 *
 * `source` is the template's, of which it is asked whether it changes texts.
 */
export function seamContent(
  rendered: string,
  input: TemplateInput,
  render: (input: TemplateInput) => string | null,
  marks: SpecialMarks,
  source = '',
): SeamedText {
  const facts = promptFacts(rendered, marks, source);
  const found = new Map<string, Seam[]>();
  mapContent(input, (content) => {
    const key = keyOf(content);
    const places = found.has(key) ? [] : seamPlaces(content, facts);
    if (places.length > 0)
      found.set(
        key,
        places.map((place) => ({ ...place, key, content })),
      );
    return content.text;
  });
  if (found.size === 0) return { text: rendered, seam: null };
  const seam = unusedCharacter(rendered + JSON.stringify(input));
  let left = mostTried;
  const attempt = (seams: readonly Seam[]): string | null => {
    left--;
    const places = new Map<string, number[]>();
    for (const { key, at } of seams) {
      const before = places.get(key);
      if (before) before.push(at);
      else places.set(key, [at]);
    }
    const text = render(
      mapContent(input, (content) => withCharacter(content.text, seam, places.get(keyOf(content)) ?? [])),
    )?.replaceAll(escapeOf(seam), seam);
    return text?.replaceAll(seam, '') === rendered ? text : null;
  };
  const allSeams = [...found.values()].flat();
  const whole = attempt(allSeams);
  if (whole !== null) return { text: whole, seam };
  const possible = (seams: readonly Seam[]): readonly Seam[] => {
    if (left <= 0) return [];
    if (attempt(seams) !== null) return seams;
    const middle = seams.length >> 1;
    return middle === 0 ? [] : [...possible(seams.slice(0, middle)), ...possible(seams.slice(middle))];
  };
  const middle = allSeams.length >> 1;
  const kept = new Set([...possible(allSeams.slice(0, middle)), ...possible(allSeams.slice(middle))]);
  const some = kept.size > 0 ? attempt([...kept]) : null;
  const cuts = new Set(some === null ? [] : placesOf(some, seam));
  for (const one of allSeams) {
    if (some === null || !kept.has(one)) for (const at of placesByContext(rendered, one)) cuts.add(at);
  }
  return {
    text: withCharacter(
      rendered,
      seam,
      [...cuts].toSorted((a, b) => a - b),
    ),
    seam,
  };
}

interface Seam extends SeamPlace {
  content: Content;
  key: string;
}

const keyOf = ({ text, isAnswer }: Content) => `${isAnswer} ${text}`;

/** Renders, at most, to find out which seams a template can have. */
const mostTried = 64;

/** Characters around a mark by which it is found again. */
const surroundings = 8;

/** Places in ascending order. */
function withCharacter(text: string, character: string, places: readonly number[]): string {
  if (places.length === 0) return text;
  const parts = [0, ...places].map((from, index) => text.slice(from, places[index]));
  return parts.join(character);
}

/** Where the seams are, in terms of the text without them. */
function placesOf(seamed: string, seam: string): number[] {
  let at = 0;
  return seamed
    .split(seam)
    .slice(0, -1)
    .map(({ length }) => (at += length));
}

/** Where a mark stands between the same characters as in the content, as they are or quoted. */
function placesByContext(rendered: string, { content: { text }, at, mark }: Seam): number[] {
  if (mark === null) return [];
  const start = text.length - text.trimStart().length;
  const before = text.slice(Math.max(start, at - 1 - surroundings), at - 1);
  const behind = text.trimEnd().slice(at - 1 + mark.length, at - 1 + mark.length + surroundings);
  const quoted = (part: string) => JSON.stringify(part).slice(1, -1);
  const pairs = new Map([
    [before + mark + behind, before.length],
    [quoted(before) + quoted(mark) + quoted(behind), quoted(before).length],
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

/** A template may change the case; a few letters change their length with it. */
function withoutCase(text: string): [text: string, comparable: (text: string) => string] {
  const lower = text.toLowerCase();
  return lower.length === text.length ? [lower, (other) => other.toLowerCase()] : [text, (other) => other];
}

/** Of the private use area; neither it nor its escape stands in the text. */
function unusedCharacter(text: string): string {
  for (let code = 0xe000; code < 0xf8ff; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character) && !text.includes(escapeOf(character))) return character;
  }
  return '\ufffe';
}

/** How JSON of ASCII alone has it. */
function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}
