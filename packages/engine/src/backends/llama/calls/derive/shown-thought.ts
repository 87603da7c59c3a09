import { thinkTags, type Tags } from '../form/call-form.ts';
import type { CallTrials } from './call-trials.ts';

const thought = 'zqthoughttext';
const fields = ['reasoning_content', 'thinking', 'reasoning'];

/** Apriel puts a thought between headings. */
const headings: Tags = { open: 'Here are my reasoning steps:', close: '[BEGIN FINAL RESPONSE]' };

export interface ShownThought {
  tags: Tags | null;
  /** The mark that opens a new message after a thought; mostly empty. */
  again: string;
}

/** The marks that a template puts around a thought; where it shows no thoughts, the known marks that occur in it. */
export function shownThought(
  trials: CallTrials,
  { said, plain, contentOpen }: { said: string; plain: string; contentOpen: string },
): ShownThought {
  const all = Object.fromEntries(fields.map((field) => [field, thought]));
  const answers = [all, ...fields.map((field) => ({ [field]: thought }))].map(
    (some) => () => trials.answer({ content: said, ...some }),
  );
  for (const answer of answers) {
    const text = answer();
    if (text === null) continue;
    const [, open, close, rest = ''] =
      /(<[^<>\s]+>|\[[A-Z]+\])\s*zqthoughttext\s*(<[^<>\s]+>|\[\/[A-Z]+\])([\s\S]*)/u.exec(text) ?? [];
    if (open === undefined || close === undefined) break;
    const between = rest.slice(0, Math.max(0, rest.indexOf(said))).trim();
    return { tags: { open, close }, again: between.slice(0, between.length - contentOpen.length).trim() };
  }
  const shownText = [trials.prompt, plain].join('\n');
  const known = [thinkTags, headings].find(({ open, close }) => shownText.includes(open) || shownText.includes(close));
  return { tags: known ?? null, again: '' };
}

export function isTag(text: string): boolean {
  return /^<[^<>\s]+>$/u.test(text);
}
