import { messageText, type GenerateRequest, type Message } from '@headway/protocol';
import {
  LlamaVocabularyType,
  type ChatHistoryItem,
  type ChatWrapper,
  type LlamaModel,
  type LlamaText,
  type Token,
} from 'node-llama-cpp';

import type { Prompt } from '../../backend.ts';
import { knowing, learnTokens, withKnownTokens } from './known-tokens.ts';
import { tokenizeInPieces, type PiecesOptions, type TokenizerCall } from './tokenize-in-pieces.ts';

/** A rendered request, with what node-llama-cpp will render again: a history, or null and the tokens of a raw text. */
export type LlamaPrompt = LlamaChatPrompt | (RenderedPrompt & { history: null; text: Token[] });

export type LlamaChatPrompt = RenderedPrompt & {
  history: ChatHistoryItem[];
  /** Renders the history to a text whose tokens are known. */
  wrapper: ChatWrapper;
  /** What ends the model's message, besides its end tokens. */
  stopTriggers: LlamaText[];
};

type RenderedPrompt = Prompt & { tokens: Token[] };

export interface RenderOptions extends PiecesOptions {
  model: LlamaModel;
  wrapper: ChatWrapper;
}

/**
 * Renders and tokenises exactly as node-llama-cpp will before it decodes; otherwise it would silently read the
 * prompt once more, without progress and past every cancel. The contract test on `usedInputTokens` holds this.
 *
 * @throws the signal's reason when it aborts
 */
export async function renderPrompt(request: GenerateRequest, options: RenderOptions): Promise<LlamaPrompt> {
  const { model, wrapper } = options;
  if (request.messages) {
    const history = chatHistory(request.messages);
    const { contextText, stopGenerationTriggers } = wrapper.generateContextState({ chatHistory: history });
    const known = await learnTokens(contextText, options);
    const tokens = contextText.tokenize(knowing(known, model.tokenizer));
    return {
      request,
      tokens,
      history,
      wrapper: withKnownTokens(wrapper, known),
      stopTriggers: stopGenerationTriggers,
      total: tokens.length,
    };
  }
  const first = beginningTokens(model);
  const call: TokenizerCall = {
    text: request.prompt ?? '',
    special: false,
    options: first.length > 0 ? 'trimLeadingSpace' : undefined,
  };
  const text: Token[] = [];
  for await (const { tokens } of tokenizeInPieces([call], options)) for (const token of tokens) text.push(token);
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
export function beginningTokens({ vocabularyType, tokens: { bos, shouldPrependBosToken } }: LlamaModel): Token[] {
  const { rwkv, ugm, wpm } = LlamaVocabularyType;
  const wanted = vocabularyType === wpm || (shouldPrependBosToken && vocabularyType !== rwkv && vocabularyType !== ugm);
  return wanted && bos !== null ? [bos] : [];
}
