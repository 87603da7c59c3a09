import { messageText, type GenerateRequest, type Message } from '@headway/protocol';
import {
  LlamaVocabularyType,
  type ChatHistoryItem,
  type ChatWrapper,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';

import type { Prompt } from '../../backend.ts';

/** A rendered request, with what node-llama-cpp will render again: a history, or null and the tokens of a raw text. */
export type LlamaPrompt = Prompt & { tokens: Token[] } & (
    | { history: ChatHistoryItem[] }
    | { history: null; text: Token[] }
  );

/**
 * Renders and tokenises exactly as node-llama-cpp will before it decodes; otherwise it would silently read the
 * prompt once more, without progress and past every cancel. The contract test on `usedInputTokens` holds this.
 */
export function renderPrompt(request: GenerateRequest, model: LlamaModel, wrapper: ChatWrapper): LlamaPrompt {
  if (request.messages) {
    const history = chatHistory(request.messages);
    const { contextText } = wrapper.generateContextState({ chatHistory: history });
    const tokens = contextText.tokenize(model.tokenizer);
    return { request, tokens, history, total: tokens.length };
  }
  const first = beginningTokens(model);
  const text = model.tokenizer(request.prompt ?? '', false, first.length > 0 ? 'trimLeadingSpace' : undefined);
  const tokens = [...first, ...text];
  return { request, tokens, history: null, text, total: tokens.length };
}

/** LlamaChat goes on with the last item if it is the model's, and adds an empty one of the model's if it is not. */
function chatHistory(messages: readonly Message[]): ChatHistoryItem[] {
  const history = messages.map((message): ChatHistoryItem => {
    const text = messageText(message.content);
    switch (message.role) {
      case 'system':
        return { type: 'system', text };
      case 'user':
      case 'tool':
        return { type: 'user', text };
      case 'assistant':
        return { type: 'model', response: [text] };
      default:
        return message satisfies never;
    }
  });
  return history.at(-1)?.type === 'model' ? history : [...history, { type: 'model', response: [] }];
}

/** What LlamaCompletion puts before a raw text: the beginning-of-text token, where the model wants one. */
function beginningTokens({ vocabularyType, tokens: { bos, shouldPrependBosToken } }: LlamaModel): Token[] {
  const { rwkv, ugm, wpm } = LlamaVocabularyType;
  const wanted = vocabularyType === wpm || (shouldPrependBosToken && vocabularyType !== rwkv && vocabularyType !== ugm);
  return wanted && bos !== null ? [bos] : [];
}
