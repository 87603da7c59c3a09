import { randomUUID } from 'node:crypto';

import type { Run, RunFacts } from '../engine/simulated-engine.ts';
import { wholeCalls } from '../engine/whole-calls.ts';
import type { Asked, DialectKind, Piece, Problem, WholeAnswer } from './dialect.ts';
import { completionRoute, type Collected, type CompletionRequest } from './openai-request.ts';
import { lastLine, now, sse } from './text-forms.ts';

/**
 * SwiftLM, from its source and its tests. The real server reports progress every two seconds; this one after every batch.
 * The fields of `/health` beside `status` and `model`, and those of `/v1/models`, were not verified.
 */
export const swiftlm: DialectKind = {
  habits: { batch: 512 },
  create(site) {
    const form = {
      headersAtOnce: true,
      headers: { 'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no' },
      checksModel: false,
      severalChoices: false,
      tooLong: 'ignored' as const,
      pieces,
      whole,
    };
    return {
      headers: {},
      routes: {
        'GET /health': { handle: () => ({ status: 200, body: { status: 'ok', model: site.models.first } }) },
        'GET /v1/models': {
          handle: () => ({
            status: 200,
            body: {
              object: 'list',
              data: site.models.list.map(({ id }) => ({
                id,
                object: 'model',
                created: site.startedAt,
                owned_by: 'mlx-community',
              })),
            },
          }),
        },
        'POST /v1/chat/completions': completionRoute(site, refuse, 'chat', form),
        'POST /v1/completions': completionRoute(site, refuse, 'text', form),
      },
      missing: () => ({ status: 404, body: '' }),
      refuse,
      // It has none: the stream just ends.
      streamError: () => '',
      keepAlive: ': keep-alive\n\n',
      crlf: true,
      guards: (path) => path !== '/health' && path !== '/metrics',
    };
  },
};

function refuse({ status, message }: Problem): WholeAnswer {
  const error =
    status === 401
      ? { message: 'Invalid API key', type: 'invalid_request_error', code: 'invalid_api_key' }
      : { message: message ?? 'Invalid request', type: status < 500 ? 'invalid_request_error' : 'server_error' };
  return { status, body: { error } };
}

/** Whether the header asks for progress. */
function wantsProgress({ headers }: Asked): boolean {
  const value = headers['x-swiftlm-prefill-progress']?.trim().toLowerCase() ?? '';
  return ['1', 'on', 'true', 'yes'].includes(value);
}

function usageOf({ promptTokens, tokens }: RunFacts) {
  return { prompt_tokens: promptTokens, completion_tokens: tokens, total_tokens: promptTokens + tokens };
}

async function* pieces(run: Run, request: CompletionRequest, asked: Asked): AsyncGenerator<Piece> {
  const { facts } = run;
  const chat = request.kind === 'chat';
  // Each chunk has an id of its own.
  const chunk = (choices: object[], more: object = {}) =>
    sse({
      id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomUUID().toUpperCase()}`,
      object: chat ? 'chat.completion.chunk' : 'text_completion',
      created: now(),
      model: request.model,
      choices,
      ...more,
    });
  const progress = wantsProgress(asked);
  for await (const event of wholeCalls(run.events)) {
    if (event.type === 'progress') {
      const { processed, total, ms } = event;
      const data = {
        status: 'processing',
        n_past: processed,
        n_prompt_tokens: total,
        fraction: processed / total,
        elapsed_seconds: Math.floor(ms / 1_000),
      };
      // The end of the prompt is told by the first token alone.
      yield { text: progress && processed < total ? sse(data, 'prefill_progress') : '', read: processed / total };
    } else if (event.type === 'tokens') {
      const field = event.kind === 'text' ? 'content' : 'reasoning_content';
      const choice = chat
        ? { index: 0, delta: { role: 'assistant', [field]: event.text } }
        : { index: 0, text: event.text };
      yield { text: chunk([choice]), tokens: event.tokens.length };
    } else if (event.type === 'whole-call') {
      const { index, call } = event;
      const toolCall = {
        index,
        id: call.id ?? `call_${randomUUID().slice(0, 8).toUpperCase()}`,
        type: 'function',
        function: { name: call.name, arguments: call.arguments },
      };
      const delta = { role: 'assistant', tool_calls: [toolCall] };
      yield { text: chunk([{ index: 0, delta }]), tokens: event.tokens.length };
    } else {
      const ended = chat ? { index: 0, delta: {} } : { index: 0, text: '' };
      yield { text: chunk([{ ...ended, finish_reason: event.reason }]), finish: true };
    }
  }
  if (request.includeUsage) yield { text: chunk([], { usage: usageOf(facts) }) };
  yield lastLine;
}

function whole({ facts, choices }: Collected, request: CompletionRequest): object {
  const chat = request.kind === 'chat';
  const [choice] = choices;
  const calls = choice?.calls.map(({ id, name, arguments: args }) => ({
    id: id ?? `call_${randomUUID().slice(0, 8).toUpperCase()}`,
    type: 'function',
    function: { name, arguments: args },
  }));
  const message = {
    role: 'assistant',
    ...((choice?.text || !calls?.length) && { content: choice?.text ?? '' }),
    ...(choice?.reasoning && { reasoning_content: choice.reasoning }),
    ...(calls?.length && { tool_calls: calls }),
  };
  const ended = { finish_reason: choice?.reason ?? 'stop' };
  return {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomUUID().toUpperCase()}`,
    model: request.model,
    object: chat ? 'chat.completion' : 'text_completion',
    created: now(),
    choices: [chat ? { index: 0, message, ...ended } : { index: 0, text: choice?.text ?? '', ...ended }],
    usage: usageOf(facts),
  };
}
