import { mayCallTools, HeadwayError, messageText, type GenerateRequest } from '@headway/protocol';
import type { ChatHistoryItem, ChatWrapper, LlamaGrammar, LlamaModel, LlamaText, Token } from 'node-llama-cpp';

import type { Prompt } from '../../backend.ts';
import { compileFormat } from '../../check-grammars.ts';
import { chatHistory } from './chat-history.ts';
import { knowing, learnTokens, withKnownTokens } from './known-tokens.ts';
import { withPlainCalls } from './plain-calls.ts';
import { beginningTokens } from './prompt/beginning-tokens.ts';
import { renderChat, type Chat } from './prompt/open-chat.ts';
import type { ThoughtMarks } from './prompt/thought-marks.ts';
import { tokenizePrompt } from './prompt/tokenize-prompt.ts';
import type { PiecesOptions } from './tokenize-in-pieces.ts';
import { grammarBehind } from './token-logprobs.ts';
import { prepareToolCalling, withTools, type ToolCalling } from './tool-calling.ts';

/** A rendered request: one that may call tools with what LlamaChat renders again, any other with its tokens alone. */
export type LlamaPrompt = PlainPrompt | LlamaChatPrompt;

export type PlainPrompt = RenderedPrompt & {
  tools: null;
  /** What the answer must follow, behind a thought if it begins with one. */
  format: LlamaGrammar | null;
  /** Between which words the model thinks. */
  thought: ThoughtMarks | null;
  /** Whether the prompt has opened a thought. */
  startsInThought: boolean;
  /** The beginning of the answer, where the prompt ends with one. */
  begun: string;
};

export type LlamaChatPrompt = RenderedPrompt & {
  tools: ToolCalling;
  history: ChatHistoryItem[];
  /** Renders the history to a text whose tokens are known. */
  wrapper: ChatWrapper;
  /** What ends the model's message, besides its end tokens. */
  stopTriggers: LlamaText[];
};

type RenderedPrompt = Prompt & { tokens: Token[] };

export interface RenderOptions extends PiecesOptions {
  model: LlamaModel;
  chat: Chat;
  /** How node-llama-cpp writes a conversation with tools. */
  toolWrapper: () => ChatWrapper;
}

/**
 * Renders and tokenises a request. A conversation whose tools may be called is rendered exactly as node-llama-cpp will
 * before it decodes; otherwise it would silently read the prompt once more. The contract test on `usedInputTokens` holds
 * this.
 *
 * @throws HeadwayError `invalid-request` with the words of a template that refuses the conversation, or when a format does
 * not fit what the last message begins; the signal's reason
 * when it aborts
 */
export async function renderPrompt(request: GenerateRequest, options: RenderOptions): Promise<LlamaPrompt> {
  if (mayCallTools(request)) return renderWithTools(request, options);
  const { model, chat } = options;
  const last = request.messages?.at(-1);
  const begun = last?.role === 'assistant' && !last.toolCalls ? messageText(last.content) : '';
  const format = await prepareFormat(request, model);
  // Refused before anything is read for it.
  if (format) grammarBehind(model, format, begun);
  const rendered = request.messages
    ? renderChat(chat, request)
    : { text: request.prompt ?? '', seam: null, startsInThought: false };
  const tokens = [...beginningTokens(model), ...(await tokenizePrompt(rendered, chat.marks, options))];
  return {
    request,
    tokens,
    total: tokens.length,
    tools: null,
    format,
    thought: request.messages ? chat.thought : null,
    startsInThought: rendered.startsInThought,
    begun,
  };
}

async function renderWithTools(request: GenerateRequest, options: RenderOptions): Promise<LlamaChatPrompt> {
  const { model } = options;
  const tools = prepareToolCalling(request, model.llama);
  if (!tools || !request.messages) throw new HeadwayError('internal', 'tools need a conversation');
  const wrapper = withTools(withPlainCalls(options.toolWrapper(), request, model), request);
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
  };
}

async function prepareFormat({ responseFormat }: GenerateRequest, { llama }: LlamaModel): Promise<LlamaGrammar | null> {
  if (!responseFormat) return null;
  return llama.createGrammar({ grammar: compileFormat(responseFormat).gbnf });
}
