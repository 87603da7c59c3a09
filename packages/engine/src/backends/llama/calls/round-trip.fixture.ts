import type { AnswerPart, AnswerReader } from './read/answer-reader.ts';

/** Numbers from 0 to 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Splits a text: into characters for seed 0, not at all for seed 1, and into random lengths for other seeds. */
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

/** Reads an answer from its pieces. `limited`: the limit cut the answer off. */
export function readAnswer(reader: AnswerReader, pieces: readonly string[], { limited = false } = {}): ReadAnswer {
  const parts: AnswerPart[] = [];
  for (const piece of pieces) parts.push(...reader.push(piece));
  parts.push(...reader.end({ cut: limited }));
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

/** JSON text with numbers and keys as they are, and without needless escapes and white space. */
export function plainJson(text: string): string {
  JSON.parse(text);
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\s+/gsu, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  );
}

/** The same with sorted keys, for forms that sort them. */
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

/** Between two assistant messages, which a template joins into one. */
const messageBoundary = '<｜end▁of▁sentence｜><｜Assistant｜>';

/** A template's text without the tokens that end an answer, which no reader sees. */
export function withoutEndMarks(text: string): string {
  return text.replace(endMarks, '').replace(messageBoundary, '');
}
