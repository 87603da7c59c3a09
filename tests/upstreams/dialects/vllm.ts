import type { Run, RunFacts } from '../engine/simulated-engine.ts';
import type { DialectKind, Piece, Problem, Site, WholeAnswer } from './dialect.ts';
import { asRecord, completionRoute, promptOf, type Collected, type CompletionRequest } from './openai-request.ts';
import { chatLogprobs, lastLine, now, pythonJson, randomHex, sse, textLogprobs } from './text-forms.ts';

/** vLLM, from the source of its OpenAI server, 0.11 to 0.12. Nothing here was recorded from a running one. */
export const vllm: DialectKind = {
  habits: { batch: 2_048, cacheBlock: 16 },
  create(site) {
    const form = {
      // It answers once the request is accepted; waiting and reading happen while the body is silent.
      headersAtOnce: true,
      countsMaxTokens: true,
      contentType: 'text/event-stream; charset=utf-8',
      pieces: (run: Run, request: CompletionRequest) => pieces(site, run, request),
      whole: (collected: Collected, request: CompletionRequest) => whole(site, collected, request),
    };
    return {
      headers: { server: 'uvicorn' },
      routes: {
        'GET /health': { handle: () => ({ status: 200, body: '' }) },
        'GET /version': { handle: () => ({ status: 200, body: { version: '0.11.2' } }) },
        'GET /v1/models': { handle: () => ({ status: 200, body: modelList(site) }) },
        'GET /metrics': { handle: () => metrics(site) },
        'POST /tokenize': { handle: ({ body }) => tokenized(site, asRecord(body) ?? {}) },
        'POST /detokenize': {
          handle: ({ body }) => ({
            status: 200,
            body: { prompt: site.engine.vocabulary.textOf(numbers(asRecord(body)?.tokens)) },
          }),
        },
        'POST /v1/chat/completions': completionRoute(site, refuse, 'chat', form),
        'POST /v1/completions': completionRoute(site, refuse, 'text', form),
      },
      missing: () => ({ status: 404, body: { detail: 'Not Found' } }),
      refuse,
      // The last line follows an error too.
      streamError: (message) =>
        sse(pythonJson({ error: { message, type: 'InternalServerError', param: null, code: 500 } })) + lastLine.text,
      keepAlive: ': keep-alive\n\n',
      guards: (path) => path.startsWith('/v1'),
    };
  },
};

const types: Record<number, [type: string, message: string]> = {
  400: ['BadRequestError', 'Bad request'],
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'Forbidden'],
  404: ['NotFoundError', 'Not Found'],
  429: ['TooManyRequests', 'Too many requests'],
  500: ['InternalServerError', 'EngineCore encountered an issue. See stack trace (above) for the root cause.'],
  502: ['BadGateway', 'Bad gateway'],
  503: ['ServiceUnavailable', 'Service unavailable'],
};

function refuse({ status, message, overflow, missingModel, brokenJson }: Problem): WholeAnswer {
  if (status === 401) return { status, body: { error: 'Unauthorized' } };
  const error = (code: number, type: string, words: string, param: string | null = null) => ({
    status: code,
    body: { error: { message: words, type, param, code } },
  });
  if (overflow) {
    const { promptTokens: prompt, maxTokens, contextSize } = overflow;
    const words = `This model's maximum context length is ${contextSize} tokens. However, you requested ${maxTokens} output tokens and your prompt contains at least ${prompt} input tokens, for a total of at least ${prompt + maxTokens} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`;
    return error(400, 'BadRequestError', words, 'input_tokens');
  }
  if (missingModel !== undefined) {
    return error(404, 'NotFoundError', `The model \`${missingModel}\` does not exist.`, 'model');
  }
  if (brokenJson)
    return error(400, 'Bad Request', "[{'type': 'json_invalid', 'loc': ('body', 1), 'msg': 'JSON decode error'}]");
  const [type, words] = types[status] ?? ['InternalServerError', 'Internal server error'];
  return error(status, type, message ?? words);
}

function modelList(site: Site) {
  return {
    object: 'list',
    data: site.models.list.map(({ id }) => ({
      id,
      object: 'model',
      created: now(),
      owned_by: 'vllm',
      root: id,
      parent: null,
      max_model_len: site.engine.contextSize,
      permission: [
        {
          id: `modelperm-${randomHex()}`,
          object: 'model_permission',
          created: now(),
          allow_create_engine: false,
          allow_sampling: true,
          allow_logprobs: true,
          allow_search_indices: false,
          allow_view: true,
          allow_fine_tuning: false,
          organization: '*',
          group: null,
          is_blocking: false,
        },
      ],
    })),
  };
}

function metrics(site: Site): WholeAnswer {
  if (!(site.script.metrics ?? true)) return { status: 404, body: { detail: 'Not Found' } };
  const { running = 0, waiting = 0 } = site.script.others ?? {};
  const labels = `{engine="0",model_name="${site.models.first}"}`;
  const gauge = (name: string, help: string, value: number) =>
    `# HELP vllm:${name} ${help}\n# TYPE vllm:${name} gauge\nvllm:${name}${labels} ${value.toFixed(1)}\n`;
  return {
    status: 200,
    contentType: 'text/plain; version=1.0.0; charset=utf-8',
    body:
      gauge(
        'num_requests_running',
        'Number of requests in model execution batches.',
        site.engine.running.size + running,
      ) +
      gauge(
        'num_requests_waiting',
        'Number of requests waiting to be processed.',
        site.engine.slots.waiting + waiting,
      ) +
      gauge('kv_cache_usage_perc', 'KV-cache usage. 1 means 100 percent usage.', 0),
  };
}

function tokenized(site: Site, body: Record<string, unknown>): WholeAnswer {
  const prompt = promptOf(body.messages === undefined ? 'text' : 'chat', body);
  if (typeof body.model === 'string' && !site.models.has(body.model)) {
    return refuse({ status: 404, missingModel: body.model });
  }
  if (prompt === null) return refuse({ status: 400, message: 'Either prompt or messages is required' });
  const tokens = site.engine.tokenize(prompt);
  return {
    status: 200,
    body: {
      count: tokens.length,
      max_model_len: site.engine.contextSize,
      tokens: tokens.map((token) => site.engine.vocabulary.numberOf(token)),
      token_strs: body.return_token_strs === true ? tokens : null,
    },
  };
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

function usageOf({ promptTokens }: RunFacts, completionTokens: number) {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
  };
}

/** The last usage, of all choices together. */
function finalUsage(site: Site, facts: RunFacts) {
  const tells = site.script.vllm?.tellsCached ?? true;
  return {
    ...usageOf(facts, facts.tokens),
    ...(tells && { prompt_tokens_details: { cached_tokens: facts.cachedTokens } }),
  };
}

async function* pieces(site: Site, run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const { facts } = run;
  const { reasoningField = 'reasoning', alwaysUsage = false } = site.script.vllm ?? {};
  const chat = request.kind === 'chat';
  const options = asRecord(request.body.stream_options);
  const continuous = alwaysUsage || (request.includeUsage && options?.continuous_usage_stats === true);
  const base = {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomHex()}`,
    object: chat ? 'chat.completion.chunk' : 'text_completion',
    created: now(),
    model: request.model,
  };
  const chunk = (choice: object, completionTokens: number) =>
    sse({ ...base, choices: [choice], ...(continuous && { usage: usageOf(facts, completionTokens) }) });
  const named = typeof request.body.tool_choice === 'object';
  let started = false;
  for await (const event of run.events) {
    if (event.type === 'progress') {
      yield { text: '', read: event.processed / event.total };
      continue;
    }
    // The first chunk of each choice comes with the first output, not before.
    if (chat && !started) {
      started = true;
      for (const index of facts.choiceTokens.keys()) {
        const delta = { role: 'assistant', content: '' };
        yield { text: chunk({ index, delta, logprobs: null, finish_reason: null }, 0) };
      }
    }
    const index = event.choice;
    const soFar = facts.choiceTokens[index] ?? 0;
    if (event.type === 'finish') {
      // A call of the tool that the request names ends like a text.
      const reason = event.reason === 'tool_calls' && named ? 'stop' : event.reason;
      const choice = chat ? { index, delta: { content: '' } } : { index, text: '' };
      const ended = { ...choice, logprobs: null, finish_reason: reason, stop_reason: null };
      yield { text: chunk(ended, soFar), finish: true };
      continue;
    }
    const top = request.topLogprobs;
    const logprobs = top === null ? null : chat ? chatLogprobs(event.tokens, top) : textLogprobs(event.tokens, top);
    const rest = { logprobs, finish_reason: null };
    const tokens = event.tokens.length;
    if (!chat) {
      const text = event.type === 'tokens' ? event.text : '';
      yield { text: chunk({ index, text, ...rest, stop_reason: null }, soFar), tokens };
    } else if (event.type === 'call') {
      const { part } = event;
      const call = part.starts
        ? {
            id: part.call.id ?? `chatcmpl-tool-${randomHex()}`,
            type: 'function',
            index: part.index,
            function: { name: part.call.name },
          }
        : { index: part.index, function: { arguments: part.arguments } };
      yield { text: chunk({ index, delta: { tool_calls: [call] }, ...rest }, soFar), tokens };
    } else {
      const delta = event.kind === 'text' ? { content: event.text } : { [reasoningField]: event.text };
      yield { text: chunk({ index, delta, ...rest }, soFar), tokens };
    }
  }
  if (request.includeUsage || alwaysUsage) {
    yield { text: sse({ ...base, choices: [], usage: finalUsage(site, facts) }) };
  }
  yield lastLine;
}

function whole(site: Site, { facts, choices }: Collected, request: CompletionRequest): object {
  const { reasoningField = 'reasoning' } = site.script.vllm ?? {};
  const chat = request.kind === 'chat';
  const top = request.topLogprobs;
  return {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomHex()}`,
    object: chat ? 'chat.completion' : 'text_completion',
    created: now(),
    model: request.model,
    choices: choices.map(({ text, reasoning, calls, tokens, reason }, index) =>
      chat
        ? {
            index,
            message: {
              role: 'assistant',
              content: text || calls.length === 0 ? text : null,
              refusal: null,
              annotations: null,
              audio: null,
              function_call: null,
              tool_calls: calls.map(({ id, name, arguments: args }) => ({
                id: id ?? `chatcmpl-tool-${randomHex()}`,
                type: 'function',
                function: { name, arguments: args },
              })),
              [reasoningField]: reasoning || null,
            },
            logprobs: top === null ? null : chatLogprobs(tokens, top),
            finish_reason: reason,
            stop_reason: null,
            token_ids: null,
          }
        : {
            index,
            text,
            logprobs: top === null ? null : textLogprobs(tokens, top),
            finish_reason: reason,
            stop_reason: null,
            token_ids: null,
            prompt_logprobs: null,
            prompt_token_ids: null,
          },
    ),
    service_tier: null,
    system_fingerprint: null,
    usage: {
      ...usageOf(facts, facts.tokens),
      prompt_tokens_details: (site.script.vllm?.tellsCached ?? true) ? { cached_tokens: facts.cachedTokens } : null,
    },
    prompt_logprobs: null,
    prompt_token_ids: null,
    kv_transfer_params: null,
  };
}
