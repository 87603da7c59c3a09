import { randomUUID } from 'node:crypto';

import type { ReplyToken, Run, RunFacts } from '../engine/simulated-engine.ts';
import { wholeCalls } from '../engine/whole-calls.ts';
import type { ScriptedCall } from '../upstream-script.ts';
import type { DialectKind, Piece, Problem, Site, WholeAnswer } from './dialect.ts';
import { completionRoute, type Collected, type CompletionRequest } from './openai-request.ts';
import { alternatives, lastLine, now, sse } from './text-forms.ts';

/**
 * exo, from the source of its API. Nothing here was recorded from a running one; whether the total of its progress counts
 * cached tokens is not known, and here it does not.
 */
export const exo: DialectKind = {
  habits: { batch: 4_096 },
  create(site) {
    const models = { handle: () => ({ status: 200, body: modelList(site) }) };
    return {
      headers: { server: 'hypercorn-h11' },
      routes: {
        'GET /v1/models': models,
        'GET /models': models,
        'GET /node_id': { handle: () => ({ status: 200, body: JSON.stringify('12D3KooWtest') }) },
        'GET /state': {
          handle: () => ({ status: 200, body: { instances: instances(site), runners: {}, downloads: {} } }),
        },
        'POST /v1/chat/completions': completionRoute(site, refuse, 'chat', {
          headersAtOnce: true,
          headers: { 'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no' },
          severalChoices: false,
          // Nobody looks whether a prompt fits.
          tooLong: 'ignored',
          pieces: (run, request) => pieces(site, run, request),
          whole: (collected, request) => whole(collected, request),
        }),
      },
      missing: () => ({ status: 404, body: { detail: 'Not Found' } }),
      refuse,
      streamError: (message) =>
        sse({ error: { message, type: 'InternalServerError', param: null, code: 500 } }) + lastLine.text,
      keepAlive: ': keep-alive\n\n',
      keepAliveMs: 10_000,
      guards: () => false,
    };
  },
};

/** The placed models: those in memory. */
function instances(site: Site) {
  const placed = site.models.list.filter(({ id }) => site.models.stateOf(id).state === 'loaded');
  return Object.fromEntries(
    placed.map(({ id }, at) => [
      `instance-${at}`,
      { MlxRingInstance: { instanceId: `instance-${at}`, shardAssignments: { modelId: id, runnerToShard: {} } } },
    ]),
  );
}

const phrases: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

function refuse({ status, message, missingModel, brokenJson }: Problem): WholeAnswer {
  if (brokenJson) {
    return { status: 422, body: { detail: [{ type: 'json_invalid', loc: ['body', 1], msg: 'JSON decode error' }] } };
  }
  const words =
    missingModel === undefined ? (message ?? phrases[status]) : `No instance found for model ${missingModel}`;
  return { status, body: { error: { message: words, type: phrases[status], param: null, code: status } } };
}

function modelList(site: Site) {
  return {
    object: 'list',
    data: site.models.list.map(({ id }) => ({
      id,
      object: 'model',
      created: now(),
      owned_by: 'exo',
      hugging_face_id: id,
      name: id,
      description: '',
      context_length: site.engine.contextSize,
      tags: [],
      storage_size_megabytes: 4_096,
      supports_tensor: true,
      tasks: ['TextGeneration'],
      is_custom: false,
      family: 'llama',
      quantization: '4bit',
      base_model: id,
      capabilities: ['text'],
    })),
  };
}

function usageOf({ promptTokens, cachedTokens, reasoningTokens, tokens }: RunFacts) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: tokens,
    total_tokens: promptTokens + tokens,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function statsOf({ promptTokens, cachedTokens, promptMs, decodeMs, tokens }: RunFacts) {
  return {
    prompt_tps: promptMs ? (1_000 * (promptTokens - cachedTokens)) / promptMs : 0,
    generation_tps: decodeMs ? (1_000 * tokens) / decodeMs : 0,
    prompt_tokens: promptTokens,
    generation_tokens: tokens,
    peak_memory_usage: { inBytes: 4_294_967_296 },
    prefix_cache_hit: cachedTokens === 0 ? 'none' : cachedTokens === promptTokens - 1 ? 'exact' : 'partial',
  };
}

/** A message with every field, as Pydantic dumps it. */
function message(fields: object) {
  return {
    role: 'assistant',
    content: null,
    reasoning_content: null,
    name: null,
    tool_calls: null,
    tool_call_id: null,
    function_call: null,
    ...fields,
  };
}

function toolCall({ id = randomUUID(), name, arguments: args }: ScriptedCall, index: number) {
  return { id, index, type: 'function', function: { id, name, arguments: args } };
}

function logprobsOf(tokens: readonly ReplyToken[], top: number) {
  const entry = ({ text, logprob }: ReplyToken) => ({ token: text, logprob, bytes: null });
  return { content: tokens.map((token) => ({ ...entry(token), top_logprobs: alternatives(token, top).map(entry) })) };
}

async function* pieces(site: Site, run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const { facts } = run;
  const commandId = randomUUID();
  // A chunk is of the same object as a whole answer.
  const chunk = (fields: object, logprobs: object | null, reason: string | null, usage: object | null = null) =>
    sse({
      id: commandId,
      object: 'chat.completion',
      created: now(),
      model: request.model,
      choices: [{ index: 0, delta: message(fields), logprobs, finish_reason: reason, usage: null }],
      usage,
      service_tier: null,
    });
  const calls: object[] = [];
  let callTokens = 0;
  yield { text: ': keep-alive\n\n' };
  for await (const event of wholeCalls(run.events)) {
    if (event.type === 'progress') {
      const counts = { processed_tokens: event.processed - event.cached, total_tokens: event.total - event.cached };
      const text =
        site.script.exo?.progress === 'event'
          ? sse({ command_id: commandId, ...counts }, 'prefill_progress')
          : `: prefill_progress ${JSON.stringify({ PrefillProgressChunk: { model: request.model, ...counts } })}\n\n`;
      yield { text: event.processed > event.cached ? text : '', read: event.processed / event.total };
    } else if (event.type === 'tokens') {
      const fields = event.kind === 'text' ? { content: event.text } : { reasoning_content: event.text };
      const logprobs = request.topLogprobs === null ? null : logprobsOf(event.tokens, request.topLogprobs);
      yield { text: chunk(fields, logprobs, null), tokens: event.tokens.length };
    } else if (event.type === 'whole-call') {
      calls.push(toolCall(event.call, event.index));
      callTokens += event.tokens.length;
    } else {
      // All calls come in one chunk, which ends the answer. Usage rides on the last chunk, asked for or not.
      const fields = calls.length > 0 ? { tool_calls: calls } : { content: '' };
      yield { text: chunk(fields, null, event.reason, usageOf(facts)), finish: true, tokens: callTokens };
    }
  }
  yield { text: `: generation_stats ${JSON.stringify(statsOf(facts))}\n\n` };
  yield lastLine;
}

function whole({ facts, choices }: Collected, request: CompletionRequest): object {
  const [choice] = choices;
  return {
    id: randomUUID(),
    object: 'chat.completion',
    created: now(),
    model: request.model,
    choices: [
      {
        index: 0,
        message: message({
          content: choice?.text ?? '',
          reasoning_content: choice?.reasoning || null,
          tool_calls: choice?.calls.length ? choice.calls.map(toolCall) : null,
        }),
        logprobs: request.topLogprobs === null || !choice ? null : logprobsOf(choice.tokens, request.topLogprobs),
        finish_reason: choice?.reason ?? 'stop',
      },
    ],
    usage: usageOf(facts),
    service_tier: null,
  };
}
