import { AnswerReader } from './answer-reader.ts';
import { thinkTags, type ArgumentsForm, type CallForm, type NameForm, type Tags } from './call-form.ts';
import { knownForm } from './known-forms.ts';
import { commonEnd, commonStart, idSign, indexSign, toMark } from './mark-tokens.ts';

export interface TemplateInput {
  messages: object[];
  tools?: object[];
  addGenerationPrompt: boolean;
}

/** Renders a chat template; throws where the template refuses. */
export type RenderTemplate = (input: TemplateInput) => string;

interface TrialCall {
  id: string;
  name: string;
  args: Readonly<Record<string, unknown>>;
}

const said = 'zqsaidtext';
const thought = 'zqthoughttext';
const callA: TrialCall = { id: 'zqidaaaaa', name: 'zq_first_tool', args: { zqa_atext: 'zqvaluea', zqa_bcount: 84207 } };
const callB: TrialCall = { id: 'zqidbbbbb', name: 'zq_other_tool', args: { zqb_atext: 'zqvalueb', zqb_bcount: 95318 } };
const tools = [callA, callB].map(({ name, args }) => ({
  type: 'function',
  function: {
    name,
    description: 'A tool',
    parameters: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(args).map(([key, value]) => [
          key,
          { type: typeof value === 'string' ? 'string' : 'integer', description: 'A value' },
        ]),
      ),
      required: Object.keys(args),
    },
  },
}));
const user = { role: 'user', content: 'Hello' };

/**
 * How a model writes calls, learned from what its template makes of conversations with them. `null` if the template
 * has no calls of its own, or shows them in no form that reads back as it was written.
 */
export function deriveCallForm(render: RenderTemplate): CallForm | null {
  const trials = new Trials(render);
  // A template that takes arguments as they are shows more of its form than one that wants them as JSON text.
  const asText = !(trials.one(callA)?.includes('zqa_atext') ?? false);
  const learned = learn(trials, asText);
  if (learned !== null && readsBack(trials, learned, asText)) return learned.form;
  const shown = [trials.prompt, trials.base, trials.one(callA), trials.answer({ content: said })].join('\n');
  return knownForm(shown);
}

/** Texts of a template, `null` where it refuses. */
class Trials {
  readonly #render: RenderTemplate;
  /** Some templates refuse declarations, and show calls nevertheless. */
  #tools: object[] | undefined = tools;
  readonly base: string | null;
  readonly prompt: string | null;

  constructor(render: RenderTemplate) {
    this.#render = render;
    if (this.#try([user], true) === null) this.#tools = undefined;
    this.base = this.#try([user], false);
    this.prompt = this.#try([user], true);
  }

  /** What follows on the question, with this answer. */
  answer(message: object): string | null {
    const text = this.#try([user, { role: 'assistant', ...message }], false);
    return text !== null && this.base !== null && text.startsWith(this.base) ? text.slice(this.base.length) : null;
  }

  calls(calls: readonly TrialCall[], asText: boolean): string | null {
    const written = calls.map(({ id, name, args }) => ({
      id,
      type: 'function',
      function: { name, arguments: asText ? JSON.stringify(args) : args },
    }));
    const texts = [
      { content: '', tool_calls: written },
      { content: null, tool_calls: written },
    ].map((message) => this.answer(message));
    return texts.find((text) => text?.includes(calls[0]?.name ?? '')) ?? texts[0] ?? null;
  }

  one(call: TrialCall, asText = false): string | null {
    return this.calls([call], asText);
  }

  #try(messages: object[], addGenerationPrompt: boolean): string | null {
    try {
      return this.#render({ messages, tools: this.#tools, addGenerationPrompt });
    } catch {
      return null;
    }
  }
}

interface Place {
  /** Where the arguments begin and end. */
  from: number;
  to: number;
  /** `null` where they are JSON. */
  tagged: { form: Extract<ArgumentsForm, { kind: 'tagged' }>; nameClose: string } | null;
}

interface Learned {
  form: CallForm;
  /** What the template has before an answer. */
  head: string;
}

function learn(trials: Trials, asText: boolean): Learned | null {
  const plain = trials.answer({ content: said });
  const single = trials.one(callA, asText);
  if (plain === null || single === null || !plain.includes(said)) return null;
  const [beforeSaid = '', afterSaid = ''] = plain.split(said);
  const nameAt = single.indexOf(callA.name);
  if (nameAt === -1 || single.indexOf(callA.name, nameAt + 1) !== -1) return null;
  const place = placeOf(single, callA, nameAt, trials.one({ ...callA, args: {} }, asText));
  if (place === null) return null;
  const head = commonStart(single.slice(0, nameAt), beforeSaid);
  const opening = withSigns(single.slice(head.length, nameAt), callA, 0);
  const middle = withSigns(single.slice(nameAt + callA.name.length, place.from), callA, 0);
  const closing = beforeEnd(single.slice(place.to), afterSaid);

  let parts = { sectionOpen: '', callOpen: opening, callClose: closing, separator: '', sectionClose: '' };
  const double = trials.calls([callA, callB], asText);
  const secondAt = double?.indexOf(callB.name) ?? -1;
  const parallel = double !== null && secondAt !== -1;
  if (parallel) {
    if (!double.startsWith(single.slice(0, place.to))) return null;
    const divided = divide(opening, closing, withSigns(double.slice(place.to, secondAt), callB, 1));
    if (divided === null) return null;
    parts = divided;
  }
  if (parts.sectionOpen.trim() === '') parts = { ...parts, sectionOpen: '', sectionClose: '' };
  // Words that may stand anywhere are no mark.
  if (/^\w/.test((parts.sectionOpen + parts.callOpen).trim())) return null;
  const after = place.tagged?.nameClose ?? middle;
  const named = nameForm(parts, after, place.tagged !== null);
  if (named === null) return null;
  const contentOpen = beforeSaid.slice(head.length).trim();
  const tags = thoughtTags(trials, plain);
  const form: CallForm = {
    kind: 'marks',
    ...parts,
    ...named,
    arguments: place.tagged?.form ?? { kind: 'json' },
    parallel,
    thought: tags,
    content:
      isTag(contentOpen) && contentOpen !== tags?.open ? { open: contentOpen, close: firstTag(afterSaid) } : null,
  };
  return { form, head };
}

/** A call's place in what the template wrote, with the form of its arguments. */
function placeOf(text: string, call: TrialCall, nameAt: number, empty: string | null): Place | null {
  const nameEnd = nameAt + call.name.length;
  const [key = '', otherKey = ''] = Object.keys(call.args);
  const keyAt = text.indexOf(key, nameEnd);
  if (keyAt === -1) return null;
  const from = text.lastIndexOf('{', keyAt);
  if (from >= nameEnd) {
    const to = text.indexOf('}', keyAt) + 1;
    return sameJson(text.slice(from, to), call.args) ? { from, to, tagged: null } : null;
  }
  const [value = '', count = ''] = Object.values(call.args).map(String);
  const valueAt = text.indexOf(value, keyAt);
  const otherAt = text.indexOf(otherKey, valueAt);
  const countAt = text.indexOf(count, otherAt);
  const emptyAt = empty?.indexOf(call.name) ?? -1;
  if (valueAt === -1 || otherAt === -1 || countAt === -1 || empty === null || emptyAt === -1) return null;
  if (text.indexOf(key, valueAt) !== -1) return null;
  const lead = text.slice(nameEnd, keyAt);
  const nameClose = commonStart(lead, empty.slice(emptyAt + call.name.length));
  const keyOpen = lead.slice(nameClose.length);
  const valueOpen = text.slice(keyAt + key.length, valueAt);
  const jsonValueOpen = text.slice(otherAt + otherKey.length, countAt);
  const between = text.slice(valueAt + value.length, otherAt);
  if (keyOpen.trim() === '' || valueOpen.trim() === '' || !between.endsWith(keyOpen)) return null;
  const closeAndMore = between.slice(0, -keyOpen.length);
  const rest = text.slice(countAt + count.length);
  const valueClose = commonStart(closeAndMore, rest);
  if (valueClose.trim() === '') return null;
  return {
    from: nameEnd + nameClose.length,
    to: countAt + count.length + valueClose.length,
    tagged: {
      nameClose,
      form: {
        kind: 'tagged',
        keyOpen,
        valueOpen,
        jsonValueOpen: jsonValueOpen === valueOpen ? null : jsonValueOpen,
        valueClose,
        separator: closeAndMore.slice(valueClose.length),
      },
    },
  };
}

/** Parts what stands around calls into what stands around each and what around all. */
function divide(opening: string, closing: string, between: string) {
  const callClose = commonStart(between, closing);
  const rest = between.slice(callClose.length);
  const callOpen = commonEnd(opening, rest);
  const separator = rest.slice(0, rest.length - callOpen.length);
  if (!/^[\s,;]*$/.test(separator)) return null;
  return {
    sectionOpen: opening.slice(0, opening.length - callOpen.length),
    callOpen,
    callClose,
    separator,
    sectionClose: closing.slice(callClose.length),
  };
}

function nameForm(
  parts: { callOpen: string; callClose: string },
  after: string,
  tagged: boolean,
): { callOpen: CallForm['callOpen']; callClose: string; name: NameForm } | null {
  const { callOpen, callClose } = parts;
  const objectAt = callOpen.lastIndexOf('{');
  const before = callOpen.slice(objectAt);
  const field = /"([^"\\]+)"\s*:\s*"$/.exec(before)?.[1];
  if (!tagged && objectAt !== -1 && field !== undefined) {
    const argumentsField = /"([^"\\]+)"\s*:\s*$/.exec(after)?.[1];
    const close = /^[^}]*\}/.exec(callClose)?.[0];
    if (argumentsField === undefined || close === undefined || !after.startsWith('"')) return null;
    return {
      callOpen: toMark(callOpen.slice(0, objectAt)),
      callClose: callClose.slice(close.length),
      name: {
        kind: 'field',
        field,
        argumentsField,
        before: toMark(before),
        after: toMark(after),
        close: close.trim().startsWith('}') ? close : '}',
      },
    };
  }
  if (/^[\w.-]/.test(after) || callOpen.trim() === '' || (after === '' && !tagged)) return null;
  return { callOpen: toMark(callOpen), callClose, name: { kind: 'plain', after: toMark(after) } };
}

/** What a model writes before its turn ends, of what the template has there. */
function beforeEnd(text: string, end: string): string {
  const at = end.trim() === '' ? -1 : text.indexOf(end.trim());
  if (at !== -1) return text.slice(0, at);
  return text.slice(0, text.length - commonEnd(text, end).length);
}

function withSigns(text: string, call: TrialCall, index: number): string {
  return text.replaceAll(call.id, idSign).replaceAll(new RegExp(`(?<![\\w.-])${index}(?![\\w.-])`, 'gu'), indexSign);
}

function thoughtTags(trials: Trials, plain: string): Tags | null {
  for (const field of ['reasoning_content', 'thinking', 'reasoning']) {
    const [, open, close] =
      /(<[^<>\s]+>)\s*zqthoughttext\s*(<[^<>\s]+>)/u.exec(trials.answer({ content: said, [field]: thought }) ?? '') ??
      [];
    if (open !== undefined && close !== undefined) return { open, close };
  }
  return [trials.prompt, plain].some((text) => text?.includes(thinkTags.close) || text?.includes(thinkTags.open))
    ? thinkTags
    : null;
}

function isTag(text: string): boolean {
  return /^<[^<>\s]+>$/u.test(text);
}

function firstTag(text: string): string {
  return /^\s*(<[^<>\s]+>)/u.exec(text)?.[1] ?? '';
}

function sameJson(text: string, args: object): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(args);
  } catch {
    return false;
  }
}

/** Whether calls that the template writes read back as what they were. */
function readsBack(trials: Trials, { form, head }: Learned, asText: boolean): boolean {
  const hostile = { zqa_atext: ' a "quoted" <b> \\n \u00E9 {"x": [1}\n', zqa_bcount: -3 };
  const calls = [
    { ...callA, args: hostile },
    { ...callB, args: { zqb_atext: '</x>, ]', zqb_bcount: 7 } },
  ];
  for (const some of form.parallel ? [calls, calls.slice(1)] : [calls.slice(0, 1)]) {
    const text = trials.calls(some, asText);
    if (text === null) return false;
    const reader = new AnswerReader({
      form,
      toolNames: some.map(({ name }) => name),
      startsInThought: false,
      schemaOf: (name) => tools.find((tool) => tool.function.name === name)?.function.parameters,
    });
    const read: { name: string; text: string; whole: boolean }[] = [];
    for (const part of [...reader.push(text.slice(head.length)), ...reader.end()]) {
      if (part.channel === 'tool-call') {
        const known = read[part.index];
        if (known === undefined) read.push({ name: part.name, text: part.text, whole: false });
        else known.text += part.text;
      } else if (part.channel === 'tool-call-end') {
        const known = read[part.index];
        if (known !== undefined) known.whole = true;
      }
    }
    const same = some.every(({ name, args }, at) => {
      const one = read[at];
      return one !== undefined && one.whole && one.name === name && sameJson(one.text, args);
    });
    if (!same || read.length !== some.length) return false;
  }
  return true;
}
