import { renderChat, type ChatMessage } from '../engine/tokens.ts';
import type { Run, RunFacts, Work } from '../engine/simulated-engine.ts';
import type { ScriptedCall } from '../upstream-script.ts';
import type { Asked, Dialect, Piece, Route, Site, StreamedAnswer } from './dialect.ts';

/** A request for a chat or a text completion. */
export interface CompletionRequest {
  kind: 'chat' | 'text';
  body: Record<string, unknown>;
  /** As the client named it. */
  model: string;
  includeUsage: boolean;
  /** Alternatives of each token that are asked for; null without logprobs. */
  topLogprobs: number | null;
}

/** How a dialect answers a completion. */
export interface CompletionForm {
  pieces: (run: Run, request: CompletionRequest, asked: Asked) => AsyncGenerator<Piece>;
  whole: (collected: Collected, request: CompletionRequest) => object | string;
  headersAtOnce: boolean;
  /** @default 'text/event-stream' */
  contentType?: string;
  headers?: Record<string, string>;
  endsByClose?: boolean;
  /** Whether a name that is not served is refused. @default true */
  checksModel?: boolean;
  /** Whether several answers are given. @default true */
  severalChoices?: boolean;
  /** Whether it streams unless told not to. @default false */
  streamsByDefault?: boolean;
  /** What becomes of a prompt that does not fit: it is refused, its start is cut off, or nobody looks. @default 'refused' */
  tooLong?: 'refused' | 'cut' | 'ignored';
  /** Whether a prompt with the tokens that are asked for must fit. @default false, the prompt alone */
  countsMaxTokens?: boolean;
  /** Whether there may be no more choices than slots. @default false */
  choicesNeedSlots?: boolean;
  /** How a stream refuses a prompt that does not fit, in place of an error of HTTP. */
  tooLongInStream?: () => string;
  /** The served model of a name. @default the one of that name */
  findModel?: (name: string) => string | null;
  /** Loads a model that is not in memory, and waits. @default false */
  loadsModels?: boolean;
}

/** The route of a completion in the form of a dialect. */
export function completionRoute(
  site: Site,
  refuse: Dialect['refuse'],
  kind: 'chat' | 'text',
  form: CompletionForm,
): Route {
  return { answersPrompts: true, handle: (asked) => answer(site, refuse, kind, form, asked) };
}

async function answer(
  site: Site,
  refuse: Dialect['refuse'],
  kind: 'chat' | 'text',
  form: CompletionForm,
  asked: Asked,
) {
  const body = asRecord(asked.body);
  if (!body) return refuse({ status: 400, brokenJson: true });
  const name = textOf(body.model) || site.models.first;
  const find = form.findModel ?? ((name: string) => (site.models.has(name) ? name : null));
  const served = find(name) ?? ((form.checksModel ?? true) ? null : site.models.first);
  if (served === null) return refuse({ status: 404, missingModel: name });
  let prompt = promptOf(kind, body);
  if (prompt === null) {
    const field = kind === 'chat' ? 'messages' : 'prompt';
    return refuse({ status: 400, message: `'${field}' is missing or of the wrong type` });
  }
  const promptTokens = site.engine.tokenize(prompt);
  const { contextSize } = site.engine;
  const maxTokens = form.countsMaxTokens ? (limitOf(body) ?? 0) : 0;
  if (promptTokens.length >= contextSize || promptTokens.length + maxTokens > contextSize) {
    const { tooLong = 'refused' } = form;
    if (tooLong === 'refused' && form.tooLongInStream && body.stream === true) return inStream(form.tooLongInStream());
    if (tooLong === 'refused') {
      return refuse({ status: 400, overflow: { promptTokens: promptTokens.length, maxTokens, contextSize } });
    }
    if (tooLong === 'cut') prompt = promptTokens.slice(-Math.floor(contextSize / 2)).join('');
  }
  if (form.loadsModels) await site.models.ensure(served, asked.signal);
  const work = workOf(body, prompt, asked.signal);
  if (form.severalChoices === false) work.choices = 1;
  if (form.choicesNeedSlots && work.choices > site.engine.slotCount) {
    return refuse({ status: 400, choices: { asked: work.choices, slots: site.engine.slotCount } });
  }
  const run = site.engine.start(work);
  const request: CompletionRequest = {
    kind,
    body,
    model: name,
    includeUsage: asRecord(body.stream_options)?.include_usage === true,
    topLogprobs: topLogprobs(body),
  };
  if (body.stream ?? form.streamsByDefault) {
    return {
      pieces: form.pieces(run, request, asked),
      contentType: form.contentType ?? 'text/event-stream',
      headersAtOnce: form.headersAtOnce,
      ...(form.headers && { headers: form.headers }),
      ...(form.endsByClose && { endsByClose: true }),
    } satisfies StreamedAnswer;
  }
  return { status: 200, body: form.whole(await collect(run), request) };
}

/** A stream of nothing but this text. */
function inStream(text: string): StreamedAnswer {
  const pieces = (async function* () {
    yield { text };
  })();
  return { pieces, contentType: 'text/event-stream', headersAtOnce: true };
}

/** The prompt of a body, as the engine reads it; null where there is none. */
export function promptOf(kind: 'chat' | 'text', body: Record<string, unknown>): string | null {
  if (kind === 'text') return typeof body.prompt === 'string' ? body.prompt : null;
  if (!Array.isArray(body.messages)) return null;
  return renderChat(body.messages.map(messageOf), body.tools);
}

function messageOf(message: unknown): ChatMessage {
  const { role, content, tool_calls: calls } = asRecord(message) ?? {};
  const text = Array.isArray(content) ? content.map((part) => textOf(asRecord(part)?.text)).join('') : textOf(content);
  return { role: String(role), content: calls === undefined ? text : text + JSON.stringify(calls) };
}

function workOf(body: Record<string, unknown>, prompt: string, signal: AbortSignal): Work {
  const stop = typeof body.stop === 'string' ? [body.stop] : Array.isArray(body.stop) ? body.stop.map(String) : [];
  return {
    prompt,
    maxTokens: limitOf(body),
    choices: typeof body.n === 'number' ? body.n : 1,
    stop,
    mayCall: Array.isArray(body.tools) && body.tools.length > 0 && body.tool_choice !== 'none',
    signal,
  };
}

/** The most tokens that a body asks for. */
function limitOf(body: Record<string, unknown>): number | null {
  const limit = [body.max_completion_tokens, body.max_tokens, body.n_predict].find((one) => typeof one === 'number');
  return limit !== undefined && limit >= 0 ? limit : null;
}

function topLogprobs(body: Record<string, unknown>): number | null {
  if (typeof body.logprobs === 'number') return body.logprobs;
  if (body.logprobs !== true) return null;
  return typeof body.top_logprobs === 'number' ? body.top_logprobs : 0;
}

/** A whole answer. */
export interface Collected {
  facts: RunFacts;
  choices: CollectedChoice[];
}

export interface CollectedChoice {
  text: string;
  reasoning: string;
  calls: (ScriptedCall & { index: number })[];
  tokens: { id: number; text: string; logprob: number }[];
  reason: 'stop' | 'length' | 'tool_calls';
}

async function collect(run: Run): Promise<Collected> {
  const choices = run.facts.choiceTokens.map((): CollectedChoice => ({
    text: '',
    reasoning: '',
    calls: [],
    tokens: [],
    reason: 'stop',
  }));
  for await (const event of run.events) {
    if (event.type === 'progress') continue;
    const choice = choices[event.choice];
    if (!choice) continue;
    if (event.type === 'finish') choice.reason = event.reason;
    else {
      choice.tokens.push(...event.tokens);
      if (event.type === 'call') {
        const call = (choice.calls[event.part.index] ??= {
          ...event.part.call,
          index: event.part.index,
          arguments: '',
        });
        call.arguments += event.part.arguments;
      } else if (event.kind === 'text') choice.text += event.text;
      else choice.reasoning += event.text;
    }
  }
  return { facts: run.facts, choices };
}

/** A value that is text, or none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
