import type { AnswerPart, AnswerReader } from './read/answer-reader.ts';

/** Numbers from 0 to 1 that are the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A text in pieces: each character alone for seed 0, all at once for seed 1, and of random lengths for others. */
export function cut(text: string, seed: number): string[] {
  if (seed === 0) return text.split('');
  if (seed === 1) return [text];
  const random = randomFrom(seed);
  const most = [2, 3, 7, 23, 200][seed % 5] ?? 2;
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieces.at(-1)?.length ?? 1)
    pieces.push(text.slice(at, at + 1 + Math.floor(random() * most)));
  return pieces;
}

export interface ReadAnswer {
  content: string;
  reasoning: string;
  calls: { name: string; text: string; whole: boolean }[];
}

/** What the pieces of an answer come to. */
export function readAll(reader: AnswerReader, pieces: readonly string[]): ReadAnswer {
  const parts: AnswerPart[] = [];
  for (const piece of pieces) parts.push(...reader.push(piece));
  parts.push(...reader.end());
  const answer: ReadAnswer = { content: '', reasoning: '', calls: [] };
  for (const part of parts) {
    if (part.channel === 'content' || part.channel === 'reasoning') answer[part.channel] += part.text;
    if (part.channel !== 'tool-call' && part.channel !== 'tool-call-end') continue;
    const call = (answer.calls[part.index] ??= { name: part.name, text: '', whole: false });
    if (part.channel === 'tool-call') call.text += part.text;
    else call.whole = true;
  }
  return answer;
}

/** JSON text with its numbers and keys as they stand, its strings without needless escapes, and no space. */
export function plainJson(text: string): string {
  JSON.parse(text);
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\s+/gsu, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  );
}

/** The same with its keys in order, for forms that put them so. */
export function sortedJson(text: string): string {
  const numbers: string[] = [];
  const kept = plainJson(text).replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gsu, (token) =>
    token.startsWith('"') ? token : `"\u{E100}${numbers.push(token) - 1}\u{E100}"`,
  );
  const inOrder = (_: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value;
  const sorted = JSON.stringify(JSON.parse(kept, inOrder));
  return sorted.replaceAll(/"\u{E100}(\d+)\u{E100}"/gu, (_, at: string) => numbers[Number(at)] ?? '');
}

const endMarks =
  /(?:\s|<\|im_end\|>|<\|eot_id\|>|<\|eom_id\|>|<\|eot\|>|<\/s>|<\|end\|>|<\|call\|>|<\|return\|>|<\|tool_response>|<turn\|>|<\|END_OF_TURN_TOKEN\|>|<｜end▁of▁sentence｜>|<｜Assistant｜>|<sep>|<\|role_end\|>|<\|message_sep\|>|<\|assistant_end\|>|\[e~\[|<\/assistant>|<\|end_of_text\|>)+$/u;

/** Between two turns, of which a template makes one message. */
const turns = '<｜end▁of▁sentence｜><｜Assistant｜>';

/** What a template wrote without the tokens that end an answer, which nobody reads. */
export function withoutEndMarks(text: string): string {
  return text.replace(endMarks, '').replace(turns, '');
}
