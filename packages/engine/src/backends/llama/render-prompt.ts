import { mayCallTools, messageText, type GenerateRequest } from '@headway/protocol';
import type { LlamaModel } from 'node-llama-cpp';

import type { ToolLeftOut } from '../../backend/backend.ts';
import type { PromptSpan } from '../../spans/prompt-span.ts';
import { textForm, type CallForm } from './calls/form/call-form.ts';
import { formLeftOut } from './calls/grammar/form-left-out.ts';
import { answerRules } from './decode/answer-rules.ts';
import type { LlamaPrompt } from './decode/llama-prompt.ts';
import { beginningTokens } from './tokenizer/beginning-tokens.ts';
import { renderChat, type Chat, type RenderedChat } from './prompt/open-chat.ts';
import { tokenizePrompt } from './prompt/content/tokenize-prompt.ts';
import { PieceIndex } from './prompt/spans/piece-index.ts';
import type { PiecesOptions } from './tokenizer/tokenize-in-pieces.ts';

export interface RenderOptions extends PiecesOptions {
  model: LlamaModel;
  chat: Chat;
  /** Whether prefill draws the first token of a request's answer, where it has one answer only. @default false */
  drawsFirst?: boolean;
}

/**
 * Renders and tokenizes a request.
 *
 * @throws HeadwayError `invalid-request` with the template's words when it refuses the conversation, or when the last
 * message's beginning of the answer does not fit the format; the signal's reason when it aborts
 */
export async function renderPrompt(request: GenerateRequest, options: RenderOptions): Promise<LlamaPrompt> {
  const { model, chat, drawsFirst = false } = options;
  const form = request.messages ? chat.form : textForm;
  const rendered = request.messages ? renderChat(chat, request) : rawPrompt(request);
  const promptEnd = rendered.end;
  const last = request.messages?.at(-1);
  const begun = promptEnd === 'in-answer' && last?.role === 'assistant' ? messageText(last.content) : '';
  const rules = answerRules(request, { model, form, promptEnd, begun });
  const beginning = beginningTokens(model);
  const pieces = rendered.spans && new PieceIndex(model);
  const read = await tokenizePrompt(rendered, chat.marks, options, pieces && ((piece) => pieces.add(piece)));
  const tokens = [...beginning, ...read];
  const total = tokens.length;
  // Several answers each draw their own, after the slot's memory was copied.
  const prefillEnd = drawsFirst && request.choices === 1 ? total : total - 1;
  const spans = pieces && spansOf(request, rendered, pieces, beginning.length);
  const leftOut = leftOutBy(form, request);
  return { request, tokens, total, prefillEnd, spans, form, rules, promptEnd, begun, leftOut };
}

/** `before`: tokens before the text. */
function spansOf(
  { spans = [] }: GenerateRequest,
  rendered: RenderedChat,
  pieces: PieceIndex,
  before: number,
): PromptSpan[] {
  return spans.map(({ name }, at) => {
    const { from, to, estimated } = pieces.rangeOf(rendered.spans?.[at] ?? nothing);
    return { name, from: before + from, to: before + to, ...(estimated && { estimated }) };
  });
}

const nothing = { start: 0, end: 0 };

/** The parts of tool schemas that a call form other than JSON cannot keep. */
function leftOutBy({ arguments: form }: CallForm, request: GenerateRequest): ToolLeftOut[] {
  if (form.kind === 'json' || !mayCallTools(request)) return [];
  return (request.tools ?? []).flatMap(({ name, parameters }, at) => {
    const leftOut = formLeftOut(form, parameters, `tools[${at}].parameters`);
    return leftOut.length > 0 ? [{ tool: name, leftOut }] : [];
  });
}

/** A raw prompt's answer is plain text: no thoughts or calls are parsed from it. */
function rawPrompt({ prompt = '', spans }: GenerateRequest): RenderedChat {
  return { text: prompt, separator: null, end: 'in-answer', spans: spans?.length ? spans : undefined };
}
