import { fieldError, type TextToken } from '@headway/protocol';
import type { LlamaModel, Token } from 'node-llama-cpp';

import type { TextTokenOptions } from '../../../backend/backend.ts';
import type { EventLoopQueue } from './event-loop-queue.ts';
import { beginningTokens } from './beginning-tokens.ts';
import { tokenBytes, tokenText } from './token-text.ts';
import { tokenizeInPieces } from './tokenize-in-pieces.ts';

/** Most tokens in one reply. A text of 4 MiB may have 4 million, of 100 bytes each in the reply. */
const mostTokens = 262_144;

/** Tokens that are looked up in one call: about 2 ms. */
const tokensAtOnce = 2048;

const never = new AbortController().signal;

interface Words {
  model: LlamaModel;
  eventLoop: EventLoopQueue;
}

/** @throws HeadwayError `invalid-request` when there are too many; the signal's reason when it aborts */
export async function tokensOfText(
  text: string,
  { special, beginning, owner = '', signal = never }: TextTokenOptions,
  { model, eventLoop }: Words,
): Promise<TextToken[]> {
  const pieces = new Map<Token, Omit<TextToken, 'id'>>();
  const found: TextToken[] = [];
  const add = (id: Token) => {
    let piece = pieces.get(id);
    if (!piece) {
      const { token, bytes } = tokenText(model, id);
      pieces.set(id, (piece = { piece: token, bytes }));
    }
    found.push({ id, ...piece });
  };
  if (beginning) for (const id of beginningTokens(model)) add(id);
  for await (const { tokens } of tokenizeInPieces([{ text, special, options: undefined }], {
    model,
    eventLoop,
    signal,
    owner,
  })) {
    for (const id of tokens) add(id);
    if (found.length > mostTokens) {
      const most = mostTokens.toLocaleString('en');
      throw fieldError({ path: ['text'], message: `has more than ${most} tokens; send it in parts` });
    }
  }
  return found;
}

/** Does not use node-llama-cpp's detokenizer, which drops spaces before punctuation. */
export async function textOfTokens(tokens: readonly Token[], { model, eventLoop }: Words): Promise<string> {
  const task = eventLoop.start('');
  const parts: Buffer[] = [];
  const bytesOf = (token: Token) => tokenBytes(model, token);
  try {
    for (let from = 0; from < tokens.length; from += tokensAtOnce) {
      const some = tokens.slice(from, from + tokensAtOnce);
      parts.push(await task.run(() => Buffer.concat(some.map(bytesOf)), never));
    }
  } finally {
    task.end();
  }
  return Buffer.concat(parts).toString();
}
