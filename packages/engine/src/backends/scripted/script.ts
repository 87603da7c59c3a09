import { messageText, type GenerateRequest } from '@headway/protocol';

import type { PromptSpan } from '../../spans/prompt-span.ts';
import { tokenRange } from '../../spans/token-range.ts';

/** A failure that a script contains. */
export interface ScriptedFault {
  phase: 'prefill' | 'decode';
  /** Tokens of that phase before the failure. */
  afterTokens: number;
  /** `fail` throws; `stall` waits until the generation is cancelled. */
  does: 'fail' | 'stall';
}

/** The content, speed and failure of one scripted generation. */
export interface Script {
  /** The answer's text, which stop strings and limits cut as they do with a model. */
  reply: string;
  /** Text on the channel `reasoning` before the reply. */
  reasoning: string;
  /** Tool calls after the reply, if the request allows calls; `arguments` is JSON text. */
  toolCalls: readonly { name: string; arguments: string }[];
  prefillTokensPerSecond: number;
  decodeTokensPerSecond: number;
  fault: ScriptedFault | null;
}

const words =
  'reading every page shows how far the work has come and how long the rest will take before we write'.split(' ');

/** A reply of 8 to 40 words, the same for the same prompt and seed. */
export function defaultReply(request: GenerateRequest): string {
  let state = hash(`${request.seed ?? 0}:${promptText(request)}`);
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const reply = Array.from({ length: 8 + next(33) }, () => words[next(words.length)]);
  return `${reply.join(' ')}.`;
}

export function promptText({ prompt, messages = [] }: GenerateRequest): string {
  return prompt ?? messages.map(({ role, content }) => `${role}: ${messageText(content)}`).join('\n');
}

/** Where the request's spans are in `tokens`, those of its `promptText`. */
export function scriptedSpans(
  { prompt, messages = [], spans = [] }: GenerateRequest,
  tokens: readonly string[],
): PromptSpan[] {
  let length = 0;
  const ends = tokens.map((token) => (length += token.length));
  let at = 0;
  const starts = messages.map(({ role, content }) => {
    const start = at + `${role}: `.length;
    at = start + messageText(content).length + 1;
    return start;
  });
  return spans.map(({ name, start, end, message = messages.length - 1 }) => {
    const offset = prompt === undefined ? (starts[message] ?? 0) : 0;
    return { name, ...tokenRange(ends, { start: offset + start, end: offset + end }) };
  });
}

/** Tokens of the scripted backend: each word with the whitespace before it, so that n words are n tokens. */
export function scriptedTokens(text: string): string[] {
  return text.match(/\s*\S+|\s+$/gu) ?? [];
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
