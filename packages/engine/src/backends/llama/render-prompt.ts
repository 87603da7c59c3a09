import type { GenerateRequest } from '@headway/protocol';
import {
  LlamaVocabularyType,
  type ChatHistoryItem,
  type ChatWrapper,
  type LlamaGrammar,
  type LlamaModel,
  type LlamaText,
  type Token,
} from 'node-llama-cpp';

import type { Prompt } from '../../backend.ts';
import { compileJsonGrammar } from '../../json-grammar/compile-json-grammar.ts';
import { formatSchema } from '../../check-grammars.ts';
import { chatHistory } from './chat-history.ts';
import { knowing, learnTokens, withKnownTokens } from './known-tokens.ts';
import { withPlainCalls } from './plain-calls.ts';
import { tokenizeInPieces, type PiecesOptions, type TokenizerCall } from './tokenize-in-pieces.ts';
import { initialThoughtEnd, prepareToolCalling, withTools, type ToolCalling } from './tool-calling.ts';

/** A rendered request, with what node-llama-cpp will render again: a history, or null and the tokens of a raw text. */
export type LlamaPrompt = LlamaChatPrompt | (RenderedPrompt & { history: null; text: Token[] });

export type LlamaChatPrompt = RenderedPrompt & {
  history: ChatHistoryItem[];
  /** Renders the history to a text whose tokens are known. */
  wrapper: ChatWrapper;
  /** What ends the model's message, besides its end tokens. */
  stopTriggers: LlamaText[];
};

type RenderedPrompt = Prompt & {
  tokens: Token[];
  /** Null when none may be called. */
  tools: ToolCalling | null;
  /** What the answer must follow. */
  format: LlamaGrammar | null;
  /** What ends the thought that the wrapper opens, on which a format has no say. */
  thoughtEnd: LlamaText | null;
};

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
  const { model } = options;
  const tools = prepareToolCalling(request, model.llama);
  const format = await prepareFormat(request, model);
  if (request.messages) {
    const wrapper = withTools(withPlainCalls(options.wrapper, request, model), request);
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
      tools,
      format,
      thoughtEnd: initialThoughtEnd(history, wrapper),
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
  return { request, tokens, history: null, text, total: tokens.length, tools, format, thoughtEnd: null };
}

async function prepareFormat({ responseFormat }: GenerateRequest, { llama }: LlamaModel): Promise<LlamaGrammar | null> {
  if (!responseFormat) return null;
  return llama.createGrammar({ grammar: compileJsonGrammar(formatSchema(responseFormat)).gbnf });
}

/** What LlamaCompletion puts before a raw text: the beginning-of-text token, where the model wants one. */
export function beginningTokens({ vocabularyType, tokens: { bos, shouldPrependBosToken } }: LlamaModel): Token[] {
  const { rwkv, ugm, wpm } = LlamaVocabularyType;
  const wanted = vocabularyType === wpm || (shouldPrependBosToken && vocabularyType !== rwkv && vocabularyType !== ugm);
  return wanted && bos !== null ? [bos] : [];
}
