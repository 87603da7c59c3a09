import { messageText, type GenerateRequest } from '@headway/protocol';

import type { PromptSpan } from '../../../spans/prompt-span.ts';
import { withAnyToken } from '../../../spans/token-range.ts';

/**
 * Where a request's spans are in a prompt of `total` tokens, by their shares of its characters: only the server has the
 * tokenizer and the chat template. Undefined without spans.
 */
export function spanShares(request: GenerateRequest, total: number): PromptSpan[] | undefined {
  const { prompt, messages, spans, tools } = request;
  if (!spans?.length) return undefined;
  const texts = prompt === undefined ? (messages ?? []).map(({ content }) => messageText(content)) : [prompt];
  // Chat templates put tools before the conversation.
  let length = tools ? JSON.stringify(tools).length : 0;
  const starts = texts.map((text) => (length += text.length) - text.length);
  const tokensPerCharacter = total / Math.max(1, length);
  return spans.map(({ name, start, end, message = texts.length - 1 }) => {
    const before = starts[message] ?? 0;
    const from = Math.round((before + start) * tokensPerCharacter);
    const to = Math.round((before + end) * tokensPerCharacter);
    return { name, ...withAnyToken({ from, to }, total), estimated: true };
  });
}
