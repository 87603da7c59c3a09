import type { Run } from '../engine/simulated-engine.ts';
import type { DialectKind, Piece, Problem, WholeAnswer } from './dialect.ts';
import { completionRoute, type Collected, type CompletionRequest } from './openai-request.ts';
import { chatLogprobs, lastLine, now, randomName, sse, textLogprobs } from './text-forms.ts';

/** A plain server of OpenAI's completions, with nothing of its own: its API reference is the source. */
export const openai: DialectKind = {
  habits: { batch: 2_048, cacheBlock: 128 },
  create(site) {
    return {
      headers: {},
      routes: {
        'GET /v1/models': {
          handle: () => ({
            status: 200,
            body: {
              object: 'list',
              data: site.models.list.map(({ id }) => ({
                id,
                object: 'model',
                created: site.startedAt,
                owned_by: 'system',
              })),
            },
          }),
        },
        'POST /v1/chat/completions': completionRoute(site, refuse, 'chat', { pieces, whole, headersAtOnce: true }),
        'POST /v1/completions': completionRoute(site, refuse, 'text', { pieces, whole, headersAtOnce: true }),
      },
      missing: ({ method, path }) =>
        refuse({ status: 404, message: `Unknown request URL: ${method} ${path}. Please check the URL for typos.` }),
      refuse,
      streamError: (message) => sse({ error: { message, type: 'server_error', param: null, code: null } }),
      keepAlive: ': keep-alive\n\n',
    };
  },
};

const types: Record<number, [type: string, code: string | null, message: string]> = {
  400: ['invalid_request_error', null, 'We could not parse the JSON body of your request.'],
  401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'],
  403: ['invalid_request_error', null, 'Forbidden.'],
  404: ['invalid_request_error', null, 'Not found.'],
  429: ['tokens', 'rate_limit_exceeded', 'Rate limit reached.'],
  503: ['server_error', null, 'The server is overloaded or not ready yet.'],
};

function refuse({ status, message, overflow, missingModel }: Problem): WholeAnswer {
  const [type, code, words] = types[status] ?? ['server_error', null, 'The server had an error.'];
  const error = overflow
    ? {
        message: `This model's maximum context length is ${overflow.contextSize} tokens. However, your messages resulted in ${overflow.promptTokens} tokens. Please reduce the length of the messages.`,
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      }
    : missingModel === undefined
      ? { message: message ?? words, type, param: null, code }
      : {
          message: `The model \`${missingModel}\` does not exist or you do not have access to it.`,
          type: 'invalid_request_error',
          param: null,
          code: 'model_not_found',
        };
  return { status, body: { error } };
}

function head(request: CompletionRequest, whole: boolean) {
  const chat = request.kind === 'chat';
  return {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomName(29)}`,
    object: chat ? (whole ? 'chat.completion' : 'chat.completion.chunk') : 'text_completion',
    created: now(),
    model: request.model,
    ...(chat && { system_fingerprint: 'fp_44709d6fcb' }),
  };
}

function usageOf({ promptTokens, cachedTokens, tokens, reasoningTokens }: Run['facts']) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: tokens,
    total_tokens: promptTokens + tokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}

async function* pieces(run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const base = head(request, false);
  const top = request.topLogprobs;
  const chat = request.kind === 'chat';
  const chunk = (choice: object) => sse({ ...base, choices: [choice], ...(request.includeUsage && { usage: null }) });
  let started = false;
  for await (const event of run.events) {
    if (event.type === 'progress') {
      yield { text: '', read: event.processed / event.total };
      continue;
    }
    if (chat && !started) {
      started = true;
      for (const index of run.facts.choiceTokens.keys()) {
        const delta = { role: 'assistant', content: '', refusal: null };
        yield { text: chunk({ index, delta, logprobs: null, finish_reason: null }) };
      }
    }
    const index = event.choice;
    if (event.type === 'finish') {
      const ended = chat ? { index, delta: {} } : { index, text: '' };
      yield { text: chunk({ ...ended, logprobs: null, finish_reason: event.reason }), finish: true };
      continue;
    }
    const logprobs = top === null ? null : chat ? chatLogprobs(event.tokens, top) : textLogprobs(event.tokens, top);
    const tokens = event.tokens.length;
    if (!chat) {
      const text = event.type === 'tokens' ? event.text : '';
      yield { text: chunk({ index, text, logprobs, finish_reason: null }), tokens };
    } else if (event.type === 'call') {
      const { part } = event;
      const call = part.starts
        ? {
            index: part.index,
            id: part.call.id ?? `call_${randomName(24)}`,
            type: 'function',
            function: { name: part.call.name, arguments: '' },
          }
        : { index: part.index, function: { arguments: part.arguments } };
      yield { text: chunk({ index, delta: { tool_calls: [call] }, logprobs: null, finish_reason: null }), tokens };
    } else {
      // Reasoning is not part of this API; servers that show it add the field `reasoning_content`.
      const delta = event.kind === 'text' ? { content: event.text } : { reasoning_content: event.text };
      yield { text: chunk({ index, delta, logprobs, finish_reason: null }), tokens };
    }
  }
  if (request.includeUsage) yield { text: sse({ ...base, choices: [], usage: usageOf(run.facts) }) };
  yield lastLine;
}

function whole({ facts, choices }: Collected, request: CompletionRequest): object {
  const top = request.topLogprobs;
  return {
    ...head(request, true),
    choices: choices.map(({ text, reasoning, calls, tokens, reason }, index) =>
      request.kind === 'chat'
        ? {
            index,
            message: {
              role: 'assistant',
              content: text || calls.length === 0 ? text : null,
              ...(reasoning && { reasoning_content: reasoning }),
              ...(calls.length > 0 && {
                tool_calls: calls.map(({ id, name, arguments: args }) => ({
                  id: id ?? `call_${randomName(24)}`,
                  type: 'function',
                  function: { name, arguments: args },
                })),
              }),
              refusal: null,
            },
            logprobs: top === null ? null : chatLogprobs(tokens, top),
            finish_reason: reason,
          }
        : { index, text, logprobs: top === null ? null : textLogprobs(tokens, top), finish_reason: reason },
    ),
    usage: usageOf(facts),
  };
}
