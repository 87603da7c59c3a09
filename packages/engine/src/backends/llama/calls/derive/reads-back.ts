import { AnswerReader } from '../read/answer-reader.ts';
import type { CallForm } from '../form/call-form.ts';
import { callA, callB, trialSchemas, type CallTrials, type TrialCall } from './call-trials.ts';

const hostile = [
  { ...callA, args: { zqa_atext: ' a "quoted" <b> \\n \u00E9 {"x": [1}\n', zqa_bcount: -3 } },
  { ...callB, args: { zqb_atext: '</x>, ]', zqb_bcount: 7 } },
];

export interface ReadBackOptions {
  form: CallForm;
  /** The template's text before an answer. */
  head: string;
  /** The template's text for the first call alone. */
  single: string | null;
  asText: boolean;
}

/** Whether the calls that the template writes read back as they were. */
export function readsBack(trials: CallTrials, { form, head, single, asText }: ReadBackOptions): boolean {
  const calls = form.parallel ? hostile : hostile.slice(0, 1);
  return isSame(single, head, form, [callA]) && isSame(trials.calls(calls, asText), head, form, calls);
}

function isSame(text: string | null, head: string, form: CallForm, calls: readonly TrialCall[]): boolean {
  if (text === null) return false;
  const reader = new AnswerReader({
    form,
    toolNames: [...trialSchemas.keys()],
    startsInThought: false,
    schemaOf: (name) => trialSchemas.get(name),
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
  return (
    read.length === calls.length &&
    calls.every(({ name, args }, at) => {
      const one = read[at];
      return one !== undefined && one.whole && one.name === name && isJsonOf(one.text, args);
    })
  );
}

/** Whether a text is these arguments as JSON. */
export function isJsonOf(text: string, args: object): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(args);
  } catch {
    return false;
  }
}
