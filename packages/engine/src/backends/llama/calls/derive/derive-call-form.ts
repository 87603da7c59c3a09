import { callA, callB, CallTrials, type RenderTemplate, type TrialCall } from './call-trials.ts';
import type { ArgumentsForm, CallForm, NameForm } from '../form/call-form.ts';
import { knownForm } from '../form/known-forms.ts';
import { commonEnd, commonStart, idSign, indexSign, toMark } from '../form/mark-tokens.ts';
import { isJsonOf, readsBack } from './reads-back.ts';
import { isTag, shownThought } from './shown-thought.ts';

const said = 'zqsaidtext';

/**
 * Learns how a model writes calls by rendering trial conversations with its template. `null` if the template writes no
 * calls, or in no form that reads back as the calls were.
 */
export function deriveCallForm(render: RenderTemplate): CallForm | null {
  const trials = new CallTrials(render);
  const plain = trials.answer({ content: said });
  // Arguments as objects show more of the form than arguments as JSON text, so they are tried first.
  let asText = false;
  let single = trials.calls([callA], asText);
  if (!(single?.includes('zqa_atext') ?? false)) {
    const written = trials.calls([callA], true);
    if (written !== null) [asText, single] = [true, written];
  }
  const shown = { plain, single, asText };
  const learned = learn(trials, shown);
  if (learned !== null && readsBack(trials, { ...learned, single, asText })) return learned.form;
  return knownForm([trials.prompt, trials.base, single, plain].join('\n'), single !== null);
}

/** The template's text for an answer without calls, and for one with a call. */
interface Shown {
  plain: string | null;
  single: string | null;
  asText: boolean;
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
  /** The template's text before an answer. */
  head: string;
}

function learn(trials: CallTrials, { plain, single, asText }: Shown): Learned | null {
  if (plain === null || single === null || !plain.includes(said)) return null;
  const [beforeSaid = '', afterSaid = ''] = plain.split(said);
  const nameAt = single.indexOf(callA.name);
  if (nameAt === -1 || single.indexOf(callA.name, nameAt + 1) !== -1) return null;
  const place = placeOf(single, callA, nameAt, () => trials.calls([{ ...callA, args: {} }], asText));
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
    const closeAt = parts.callClose.trim() === '' ? -1 : double.lastIndexOf(parts.callClose);
    // Some templates close the section only after a second call.
    if (parts.sectionClose === '' && parts.sectionOpen !== '' && closeAt > secondAt)
      parts = { ...parts, sectionClose: beforeEnd(double.slice(closeAt + parts.callClose.length), afterSaid) };
  }
  if (parts.sectionOpen.trim() === '') parts = { ...parts, sectionOpen: '', sectionClose: '' };
  // A word may occur in any text, so it cannot be a mark.
  if (/^\w/.test((parts.sectionOpen + parts.callOpen).trim())) return null;
  const after = place.tagged?.nameClose ?? middle;
  const named = nameForm(parts, after, place.tagged !== null);
  if (named === null) return null;
  const contentOpen = beforeSaid.slice(head.length).trim();
  const { tags, again } = shownThought(trials, { said, plain, contentOpen });
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
  return { form: again !== '' && head.trim().endsWith(again) ? withBegun(form, again) : form, head };
}

/** Where a call's arguments are in the template's text, and their form. */
function placeOf(text: string, call: TrialCall, nameAt: number, writeEmpty: () => string | null): Place | null {
  const nameEnd = nameAt + call.name.length;
  const [key = '', otherKey = ''] = Object.keys(call.args);
  const keyAt = text.indexOf(key, nameEnd);
  if (keyAt === -1) return null;
  const from = text.lastIndexOf('{', keyAt);
  if (from >= nameEnd) {
    const to = text.indexOf('}', keyAt) + 1;
    return isJsonOf(text.slice(from, to), call.args) ? { from, to, tagged: null } : null;
  }
  const [value = '', count = ''] = Object.values(call.args).map(String);
  const valueAt = text.indexOf(value, keyAt);
  const otherAt = text.indexOf(otherKey, valueAt);
  const countAt = text.indexOf(count, otherAt);
  if (valueAt === -1 || otherAt === -1 || countAt === -1) return null;
  const empty = writeEmpty();
  const emptyAt = empty?.indexOf(call.name) ?? -1;
  if (empty === null || emptyAt === -1) return null;
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

/** Splits the text around the calls into the text around each call and the text around all of them. */
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

/** The part of `text` that the model writes, without `end`, which ends its message. */
function beforeEnd(text: string, end: string): string {
  const at = end.trim() === '' ? -1 : text.indexOf(end.trim());
  if (at !== -1) return text.slice(0, at);
  return text.slice(0, text.length - commonEnd(text, end).length);
}

/** The form of a template that opens each part of an answer with `begun`, with which its prompt also ends. */
function withBegun(form: CallForm, begun: string): CallForm {
  const [first = '', ...more] = form.callOpen;
  const { thought, content, sectionOpen } = form;
  return {
    ...form,
    begun,
    ...(sectionOpen === ''
      ? { callOpen: [...(typeof first === 'string' ? [begun + first] : [begun, first]), ...more] }
      : { sectionOpen: begun + sectionOpen }),
    thought: thought && { ...thought, open: begun + thought.open },
    content: content && { ...content, open: begun + content.open },
  };
}

function withSigns(text: string, call: TrialCall, index: number): string {
  return text.replaceAll(call.id, idSign).replaceAll(new RegExp(`(?<![\\w.-])${index}(?![\\w.-])`, 'gu'), indexSign);
}

function firstTag(text: string): string {
  return /^\s*(<[^<>\s]+>)/u.exec(text)?.[1] ?? '';
}
