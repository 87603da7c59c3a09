import type { TemplateInput, TemplateMessage } from './chat-template.ts';
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
 * The template renders the true text. Where content holds a mark, or one end of it, it renders once more with a seam, a
 * character that nobody uses, put into each; without the seams both texts must be equal. A template that looks for
 * marks in content itself (the tags of thoughts, mostly) renders something else then: such strings go without seams one
 * by one, and are looked for in the true text by what stands around the mark.
 */
export function seamContent(
  rendered: string,
  input: TemplateInput,
  render: (input: TemplateInput) => string | null,
  marks: SpecialMarks,
): SeamedText {
  const found = new Map<string, Content>();
  mapContent(input, (content) => {
    if (withSeams(content, anySeam, marks) !== content.text) found.set(keyOf(content), content);
    return content.text;
  });
  if (found.size === 0) return { text: rendered, seam: null };
  const seam = unusedCharacter(rendered + JSON.stringify(input));
  const attempt = (seamed: ReadonlySet<string>): string | null => {
    const text = render(mapContent(input, (one) => (seamed.has(keyOf(one)) ? withSeams(one, seam, marks) : one.text)));
    return text !== null && text.replaceAll(seam, '') === rendered ? text : null;
  };
  const whole = attempt(new Set(found.keys()));
  if (whole !== null) return { text: whole, seam };
  // Which of them the template reads itself is found out one by one, for as many as a conversation plausibly has.
  const kept = new Set([...found.keys()].slice(0, mostTried).filter((key) => attempt(new Set([key])) !== null));
  const some = (kept.size > 0 ? attempt(kept) : null) ?? rendered;
  let text = some;
  for (const [key, content] of found)
    if (some === rendered || !kept.has(key)) text = seamByContext(text, content, seam, marks);
  return { text, seam };
}

/** A string that a request says. */
interface Content {
  text: string;
  /** Whether the model said it: the tags that llama.cpp reads as tokens anywhere are its own there. */
  isAnswer: boolean;
}

const keyOf = ({ text, isAnswer }: Content) => `${isAnswer} ${text}`;

/** Tells where seams would be. */
const anySeam = '\ue000';

/** Strings that are tried one by one at most. */
const mostTried = 64;

/** Characters around a mark by which it is found again. */
const surroundings = 8;

/** Every string that a request says, and no word of the format's. */
function mapContent(input: TemplateInput, change: (content: Content) => string): TemplateInput {
  const walk = (value: unknown, isAnswer: boolean, field = ''): unknown => {
    if (typeof value === 'string')
      return field === 'role' || field === 'type' ? value : change({ text: value, isAnswer });
    if (Array.isArray(value)) return value.map((item) => walk(item, isAnswer));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        fixed.has(key) ? key : change({ text: key, isAnswer: false }),
        walk(inner, isAnswer && key !== 'tool_calls', key),
      ]),
    );
  };
  return {
    ...input,
    messages: input.messages.map((message) => walk(message, message.role === 'assistant') as TemplateMessage),
    tools: walk(input.tools, false) as object[] | null,
    kwargs: walk(input.kwargs, false) as TemplateInput['kwargs'],
  };
}

const fixed = new Set([
  'role',
  'type',
  'content',
  'reasoning_content',
  'tool_calls',
  'tool_call_id',
  'function',
  'name',
  'arguments',
  'description',
  'parameters',
  'properties',
  'required',
]);

/** A seam behind the first character of each mark, and of what another string could make one of. */
function withSeams({ text, isAnswer }: Content, seam: string, { all, always, pattern, ends }: SpecialMarks): string {
  if (!pattern) return text;
  let seamed = text.replaceAll(pattern, (mark) =>
    isAnswer && always.has(mark) ? mark : mark.slice(0, 1) + seam + mark.slice(1),
  );
  const longestEnd = (all[0]?.length ?? 0) - 1;
  const beginning = longest(Math.min(longestEnd, seamed.length), (length) => ends.first.has(seamed.slice(-length)));
  if (beginning > 0) {
    const at = seamed.length - beginning + 1;
    seamed = seamed.slice(0, at) + seam + seamed.slice(at);
  }
  const ending = longest(Math.min(longestEnd, seamed.length), (length) => ends.last.has(seamed.slice(0, length)));
  if (ending > 0) seamed = seamed.slice(0, ending - 1) + seam + seamed.slice(ending - 1);
  return seamed;
}

/** The largest length up to `most`, of two at least, for which something holds; 0 for none. */
function longest(most: number, holds: (length: number) => boolean): number {
  for (let length = most; length > 1; length--) if (holds(length)) return length;
  return 0;
}

function seamByContext(
  rendered: string,
  { text, isAnswer }: Content,
  seam: string,
  { pattern, always }: SpecialMarks,
): string {
  if (!pattern) return rendered;
  const trimmed = text.trim();
  const cuts = new Set<number>();
  for (const { 0: mark, index } of trimmed.matchAll(pattern)) {
    if (isAnswer && always.has(mark)) continue;
    const before = trimmed.slice(Math.max(0, index - surroundings), index);
    const around = before + trimmed.slice(index, index + mark.length + surroundings);
    for (let at = rendered.indexOf(around); at >= 0; at = rendered.indexOf(around, at + 1)) {
      cuts.add(at + before.length + 1);
    }
  }
  return [...cuts]
    .toSorted((a, b) => b - a)
    .reduce((whole, at) => whole.slice(0, at) + seam + whole.slice(at), rendered);
}

/** Of the private use area. */
function unusedCharacter(text: string): string {
  for (let code = 0xe000; code < 0xf8ff; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character)) return character;
  }
  return '\ufffe';
}
