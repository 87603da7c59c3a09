import { randomBytes, randomUUID } from 'node:crypto';

import type { ReplyToken } from '../engine/simulated-engine.ts';

/** An event of a stream. */
export function sse(data: unknown, event?: string): string {
  return `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

export const lastLine = { text: 'data: [DONE]\n\n', done: true };

/** JSON as Python's `json.dumps` writes it: spaces after commas and colons, ASCII alone. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return `{${fields.map(([name, field]) => `${pythonJson(name)}: ${pythonJson(field)}`).join(', ')}}`;
  }
  const text = JSON.stringify(value) ?? 'null';
  return text.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** So many letters and digits. */
export function randomName(length: number): string {
  return randomBytes(length).toString('base64').replaceAll(/[+/=]/g, 'x').slice(0, length);
}

export function randomHex(): string {
  return randomUUID().replaceAll('-', '');
}

export function now(): number {
  return Math.floor(Date.now() / 1_000);
}

/** Bytes of a text, as logprobs tell them. */
export function bytesOf(text: string): number[] {
  return [...Buffer.from(text)];
}

/** A token with so many alternatives, the token itself first. */
export function alternatives(token: ReplyToken, count: number): ReplyToken[] {
  return Array.from({ length: count }, (_, at) =>
    at === 0 ? token : { id: token.id + at, text: `${token.text}${at}`, logprob: token.logprob - at },
  );
}

/** Logprobs of a chat, in the form of OpenAI. */
export function chatLogprobs(tokens: readonly ReplyToken[], top: number) {
  const entry = ({ text, logprob }: ReplyToken) => ({ token: text, logprob, bytes: bytesOf(text) });
  return {
    content: tokens.map((token) => ({ ...entry(token), top_logprobs: alternatives(token, top).map(entry) })),
  };
}

/** Logprobs of a text completion, in the form of OpenAI. */
export function textLogprobs(tokens: readonly ReplyToken[], top: number) {
  let offset = 0;
  return {
    text_offset: tokens.map(({ text }) => (offset += text.length) - text.length),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    tokens: tokens.map(({ text }) => text),
    top_logprobs: tokens.map((token) =>
      Object.fromEntries(alternatives(token, top).map(({ text, logprob }) => [text, logprob])),
    ),
  };
}
