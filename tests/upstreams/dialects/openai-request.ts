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
  whole: (collected: Collected, request: CompletionRequest) => object;
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
  /** Whether prompts that do not fit are cut instead of refused. @default false */
  cutsPrompts?: boolean;
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
  const model = typeof body.model === 'string' ? body.model : site.models.first;
  if ((form.checksModel ?? true) && !site.models.has(model)) return refuse({ status: 404, missingModel: model });
  const prompt = promptOf(kind, body);
  if (prompt === null) {
    const field = kind === 'chat' ? 'messages' : 'prompt';
    return refuse({ status: 400, message: `'${field}' is missing or of the wrong type` });
  }
  const promptTokens = site.engine.tokenize(prompt).length;
  const { contextSize } = site.engine;
  if (promptTokens >= contextSize && !form.cutsPrompts) {
    return refuse({ status: 400, overflow: { promptTokens, contextSize } });
  }
  const work = workOf(body, prompt, asked.signal);
  if (form.severalChoices === false) work.choices = 1;
  const run = site.engine.start(work);
  const request: CompletionRequest = {
    kind,
    body,
    model,
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

/** The prompt of a body, as the engine reads it; null where there is none. */
export function promptOf(kind: 'chat' | 'text', body: Record<string, unknown>): string | null {
  if (kind === 'text') return typeof body.prompt === 'string' ? body.prompt : null;
  if (!Array.isArray(body.messages)) return null;
  return renderChat(body.messages.map(messageOf), body.tools);
}

function messageOf(message: unknown): ChatMessage {
  const { role, content, tool_calls: calls } = asRecord(message) ?? {};
  const text = Array.isArray(content)
    ? content.map((part) => String(asRecord(part)?.text ?? '')).join('')
    : typeof content === 'string'
      ? content
      : '';
  return { role: String(role), content: calls === undefined ? text : text + JSON.stringify(calls) };
}

function workOf(body: Record<string, unknown>, prompt: string, signal: AbortSignal): Work {
  const limit = [body.max_completion_tokens, body.max_tokens, body.n_predict].find((one) => typeof one === 'number');
  const stop = typeof body.stop === 'string' ? [body.stop] : Array.isArray(body.stop) ? body.stop.map(String) : [];
  return {
    prompt,
    maxTokens: typeof limit === 'number' && limit >= 0 ? limit : null,
    choices: typeof body.n === 'number' ? body.n : 1,
    stop,
    mayCall: Array.isArray(body.tools) && body.tools.length > 0 && body.tool_choice !== 'none',
    signal,
  };
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

export function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
