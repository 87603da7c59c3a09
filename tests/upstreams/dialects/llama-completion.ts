import type { ReplyToken, Run, RunFacts } from '../engine/simulated-engine.ts';
import type { Piece, Site } from './dialect.ts';
import type { Collected, CompletionRequest } from './openai-request.ts';
import { alternatives, bytesOf, lastLine, now, randomName, sse } from './text-forms.ts';

/** Rates of an answer. The first token of an answer takes no time. */
function timingsOf({ promptTokens, cachedTokens, promptMs, decodeMs }: RunFacts, predicted: number) {
  const read = promptTokens - cachedTokens;
  const later = Math.max(0, predicted - 1);
  return {
    cache_n: cachedTokens,
    prompt_n: read,
    prompt_ms: promptMs,
    prompt_per_token_ms: read ? promptMs / read : 0,
    prompt_per_second: promptMs ? (1_000 * read) / promptMs : 0,
    predicted_n: predicted,
    predicted_ms: decodeMs,
    predicted_per_token_ms: later ? decodeMs / later : 0,
    predicted_per_second: decodeMs ? (1_000 * later) / decodeMs : 0,
  };
}

function usageOf({ promptTokens, cachedTokens }: RunFacts, completionTokens: number) {
  return {
    completion_tokens: completionTokens,
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

function logprobsOf(tokens: readonly ReplyToken[], top: number) {
  const entry = ({ id, text, logprob }: ReplyToken) => ({ id, token: text, bytes: bytesOf(text), logprob });
  return { content: tokens.map((token) => ({ ...entry(token), top_logprobs: alternatives(token, top).map(entry) })) };
}

/** The stream of a completion of llama-server. */
export async function* llamaPieces(site: Site, run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const { facts } = run;
  const chat = request.kind === 'chat';
  const base = {
    created: now(),
    id: `chatcmpl-${randomName(32)}`,
    // The name of the server's own model, whatever the client asked for.
    model: site.script.llamaServer?.router ? request.model : site.models.first,
    system_fingerprint: 'b1-de3ff81',
    object: chat ? 'chat.completion.chunk' : 'text_completion',
  };
  const perToken = request.body.timings_per_token === true;
  const chunk = (choices: object[], more: object = {}) => sse({ choices, ...base, ...more });
  const choice = (index: number, delta: object, text: string, reason: string | null, logprobs?: object) =>
    chat
      ? { finish_reason: reason, index, delta, ...(logprobs && { logprobs }) }
      : { text, index, logprobs: logprobs ?? null, finish_reason: reason };
  const role = { role: 'assistant', content: null };
  const begun = new Set<number>();

  for await (const event of run.events) {
    if (event.type === 'progress') {
      const { processed, total, cached, ms } = event;
      const read = processed / total;
      if (request.body.return_progress !== true) yield { text: '', read };
      else {
        const timings = perToken ? { timings: timingsOf({ ...facts, promptTokens: processed }, 0) } : {};
        const progress = { total, cache: cached, processed, time_ms: ms };
        yield { text: chunk([choice(0, role, '', null)], { ...timings, prompt_progress: progress }), read };
      }
      continue;
    }
    const index = event.choice;
    if (chat && !begun.has(index)) {
      begun.add(index);
      yield { text: chunk([choice(index, role, '', null)]) };
    }
    if (event.type === 'finish') {
      // The chunk that ends a text always carries usage; a chat has a chunk of its own for it, one for each choice.
      const timings = timingsOf(facts, event.tokens);
      const usage = usageOf(facts, event.tokens);
      const more = chat ? (request.includeUsage ? {} : { timings }) : { usage, timings };
      yield { text: chunk([choice(index, {}, '', event.reason)], more), finish: true };
      if (chat && request.includeUsage) yield { text: chunk([], { usage, timings }) };
      continue;
    }
    const top = request.topLogprobs;
    const logprobs = top === null ? undefined : logprobsOf(event.tokens, top);
    const timings = perToken ? { timings: timingsOf(facts, facts.choiceTokens[index] ?? 0) } : {};
    const text = event.type === 'tokens' && event.kind === 'text' ? event.text : '';
    const delta =
      event.type === 'call'
        ? { tool_calls: [callDelta(event.part)] }
        : event.kind === 'text'
          ? { content: event.text }
          : { reasoning_content: event.text };
    yield { text: chunk([choice(index, delta, text, null, logprobs)], timings), tokens: event.tokens.length };
  }
  yield lastLine;
}

type CallPart = Extract<Awaited<ReturnType<Run['events']['next']>>['value'], { type: 'call' }>['part'];

function callDelta({ index, call, starts, arguments: args }: CallPart) {
  const more = args ? { arguments: args } : {};
  return starts
    ? { index, id: call.id ?? randomName(32), type: 'function', function: { name: call.name, ...more } }
    : { index, function: more };
}

/** A whole completion of llama-server. */
export function llamaWhole(site: Site, { facts, choices }: Collected, request: CompletionRequest): object {
  const top = request.topLogprobs;
  // With several choices, usage and rates are those of the first alone.
  const tokens = facts.choiceTokens[0] ?? 0;
  return {
    choices: choices.map((one, index) => {
      const logprobs = top === null ? undefined : logprobsOf(one.tokens, top);
      if (request.kind === 'text') {
        return { text: one.text, index, logprobs: logprobs ?? null, finish_reason: one.reason };
      }
      const message = {
        role: 'assistant',
        content: one.text,
        ...(one.reasoning && { reasoning_content: one.reasoning }),
        ...(one.calls.length > 0 && {
          tool_calls: one.calls.map(({ id, name, arguments: args }) => ({
            type: 'function',
            function: { name, arguments: args },
            id: id ?? randomName(32),
          })),
        }),
      };
      return { finish_reason: one.reason, index, message, ...(logprobs && { logprobs }) };
    }),
    created: now(),
    model: site.script.llamaServer?.router ? request.model : site.models.first,
    system_fingerprint: 'b1-de3ff81',
    object: request.kind === 'chat' ? 'chat.completion' : 'text_completion',
    usage: usageOf(facts, tokens),
    id: `chatcmpl-${randomName(32)}`,
    timings: timingsOf(facts, tokens),
  };
}
