import { HeadwayError, isHeadwayError, mayCallTools, type GenerateRequest } from '@headway/protocol';
import type { LlamaModel } from 'node-llama-cpp';

import type { TextRange } from '../../../spans/token-range.ts';
import type { CallForm } from '../calls/form/call-form.ts';
import { answerForm, ownCallForm } from './answer-form.ts';
import { beginningTokens } from '../tokenizer/beginning-tokens.ts';
import { ChatTemplate, type TemplateInput } from './template/chat-template.ts';
import { ExactArguments } from './template/exact-arguments.ts';
import { fallbackTemplate } from './template/fallback-template.ts';
import { separateMarks, type SeparatedText } from './content/separate-marks.ts';
import { specialMarks, type SpecialMarks } from './content/special-marks.ts';
import { templateAbilities, type TemplateAbilities } from './template/template-abilities.ts';
import { templateMessages, templateTools } from './template/template-messages.ts';
import type { PromptEnd } from './prompt-end.ts';
import { locateSpans } from './spans/locate-spans.ts';
import { thoughtAtEnd } from './template/thought-marks.ts';

/** How one model's conversations are written. */
export interface Chat {
  readonly template: ChatTemplate;
  readonly abilities: TemplateAbilities;
  /** The form of the model's answers. */
  readonly form: CallForm;
  readonly marks: SpecialMarks;
  /** The text of the token that begins every prompt, which the template must not repeat; empty without one. */
  readonly beginning: string;
  /** What differs from the model authors' intent, in a sentence; null if nothing does. */
  readonly notice: string | null;
}

export interface RenderedChat extends SeparatedText {
  /** Where the prompt ends within the answer's form. */
  end: PromptEnd;
  /** The request's `spans` in the text without separators; null where the template leaves one out. */
  spans?: readonly (TextRange | null)[] | undefined;
}

/**
 * `override` replaces the file's own template. @throws HeadwayError `model-load-failed` when `override` does not parse
 */
export function openChat(model: LlamaModel, override?: string): Chat {
  const marks = specialMarks(model);
  const own: unknown = model.fileInfo.metadata.tokenizer?.chat_template;
  const { bosString, eosString } = model.tokens;
  const open = (source: string) => new ChatTemplate(source, { bos: bosString ?? '', eos: eosString ?? '' });
  const fallback = () => open(fallbackTemplate(marks.all));
  let notice: string | null = null;
  let template: ChatTemplate;
  if (override !== undefined) template = open(override);
  else if (typeof own !== 'string' || own === '') template = fallback();
  else {
    try {
      template = open(own);
    } catch (thrown) {
      if (!isHeadwayError(thrown)) throw thrown;
      notice = `${thrown.message}; Headway uses a plain template, replace it with --chat-template-file`;
      template = fallback();
    }
  }
  return {
    template,
    abilities: templateAbilities(template),
    form: answerForm(template, ownCallForm(template)),
    marks,
    beginning: beginningTokens(model).length > 0 ? (bosString ?? '') : '',
    notice,
  };
}

/**
 * Renders a conversation with the template. If the last message is the assistant's, the text ends exactly with that
 * message, so that the model continues it.
 *
 * @throws HeadwayError `invalid-request` with the template's words when it refuses the conversation
 */
export function renderChat(chat: Chat, request: GenerateRequest): RenderedChat {
  const { form, marks, beginning } = chat;
  const { input, render } = renderingOf(chat, request);
  const rendered = render(input);
  const tryRender = (one: TemplateInput) => unlessRefused(() => render(one));
  const { text, separator } = separateMarks(rendered, input, tryRender, marks, chat.template.source);
  const cut = withoutBeginning(text, beginning);
  return {
    text: cut,
    separator,
    end: input.addGenerationPrompt ? endOfPrompt(rendered, form.thought) : 'in-answer',
    spans: spansIn(rendered, chat, request, text.length - cut.length),
  };
}

/** `cut`: characters that are cut from the beginning of the rendered text. */
function spansIn(rendered: string, chat: Chat, request: GenerateRequest, cut: number): RenderedChat['spans'] {
  const { messages, spans } = request;
  if (!messages || !spans?.length) return undefined;
  const found = locateSpans(rendered, { messages, spans }, (marked) =>
    unlessRefused(() => renderWith(chat, { ...request, messages: marked })),
  );
  return found.map((range) => range && { start: range.start - cut, end: range.end - cut });
}

/** Null when the template refuses the conversation. */
function unlessRefused(render: () => string): string | null {
  try {
    return render();
  } catch (thrown) {
    if (isHeadwayError(thrown)) return null;
    throw thrown;
  }
}

function endOfPrompt(rendered: string, thought: CallForm['thought']): PromptEnd {
  const atEnd = thoughtAtEnd(rendered, thought);
  return atEnd === 'opened' ? 'in-thought' : atEnd === 'closed' ? 'after-thought' : 'before-answer';
}

/** Renders the text only. @throws as `renderChat` does */
export function renderWith(chat: Pick<Chat, 'template' | 'abilities'>, request: GenerateRequest): string {
  const { input, render } = renderingOf(chat, request);
  return render(input);
}

function renderingOf({ template, abilities }: Pick<Chat, 'template' | 'abilities'>, request: GenerateRequest) {
  const { messages = [], tools, chatTemplateKwargs = {} } = request;
  const exact = new ExactArguments(() => JSON.stringify([messages, tools, chatTemplateKwargs]));
  const last = messages.at(-1);
  const goesOn = last?.role === 'assistant' && last.toolCalls === undefined;
  const input: TemplateInput = {
    messages: templateMessages(messages, abilities, exact),
    tools: tools && mayCallTools(request) ? templateTools(tools) : abilities.noTools,
    kwargs: chatTemplateKwargs,
    addGenerationPrompt: !goesOn && request.generationPrompt !== false,
  };
  const render = (one: TemplateInput) =>
    exact.restore(goesOn && !one.addGenerationPrompt ? renderContinued(template, one) : template.render(one));
  return { input, render };
}

/** Removes the beginning-of-text token if the template wrote it, since tokenizing adds it. */
function withoutBeginning(text: string, beginning: string): string {
  return beginning !== '' && text.startsWith(beginning) ? text.slice(beginning.length) : text;
}

/** Ends where the last message's text ends, and drops what the template puts after it. */
function renderContinued(template: ChatTemplate, input: TemplateInput): string {
  const last = input.messages.at(-1);
  const text = textOf(last?.content);
  const before = input.messages.slice(0, -1);
  const content = typeof last?.content === 'string' ? text + end : [{ type: 'text', text: text + end }];
  const rendered = template.render({
    ...input,
    messages: [...before, { role: 'assistant', ...last, content }],
  });
  const at = rendered.lastIndexOf(end);
  if (at >= 0 && rendered.slice(0, at).endsWith(text)) return rendered.slice(0, at);
  return template.render({ ...input, messages: before, addGenerationPrompt: true }) + text;
}

/** Private-use characters that mark the end of the text to continue. */
const end = '\uf8ff\uf8fe';

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map((part: { text?: string }) => part.text ?? '').join('');
  throw new HeadwayError('internal', 'a message has neither a text nor parts');
}
