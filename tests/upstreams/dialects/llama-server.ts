import type { ReplyToken, Run, RunFacts } from '../engine/simulated-engine.ts';
import type { DialectKind, Piece, Problem, Site, WholeAnswer } from './dialect.ts';
import { routerRoutes } from './llama-router.ts';
import { listedModel, loadedModel, samplingParams } from './llama-settings.ts';
import {
  asRecord,
  completionRoute,
  promptOf,
  textOf,
  type Collected,
  type CompletionRequest,
} from './openai-request.ts';
import { alternatives, bytesOf, lastLine, now, randomName, sse } from './text-forms.ts';

/**
 * llama.cpp's server, build b1-de3ff81, from its source and from recordings of it. The shapes of these answers are held
 * against recordings by `llama-shapes.test.ts`.
 */
export const llamaServer: DialectKind = {
  habits: { batch: 2_048 },
  create(site) {
    const router = site.script.llamaServer?.router ?? false;
    const form = {
      // Nothing is sent before the first result, not even headers.
      headersAtOnce: false,
      headers: { 'X-Accel-Buffering': 'no' },
      checksModel: router,
      pieces: (run: Run, request: CompletionRequest) => pieces(site, run, request),
      whole: (collected: Collected, request: CompletionRequest) => whole(site, collected, request),
    };
    const chat = completionRoute(site, refuse, 'chat', form);
    const text = completionRoute(site, refuse, 'text', form);
    const health = { handle: () => ({ status: 200, body: { status: 'ok' } }) };
    const models = { handle: () => ({ status: 200, body: modelList(site) }) };
    const waits = (route: typeof chat): typeof chat => ({
      ...route,
      async handle(asked) {
        const model = asRecord(asked.body)?.model;
        // The router loads the model that a request names, and the request waits.
        if (router && typeof model === 'string' && site.models.has(model))
          await site.models.ensure(model, asked.signal);
        return route.handle(asked);
      },
    });
    return {
      headers: { Server: 'llama.cpp', 'Access-Control-Allow-Origin': '' },
      routes: {
        'GET /health': health,
        'GET /v1/health': health,
        'GET /v1/models': models,
        'GET /models': models,
        ...(router ? routerRoutes(site, refuse, ownRoutes(site)) : ownRoutes(site)),
        'POST /v1/chat/completions': waits(chat),
        'POST /chat/completions': waits(chat),
        'POST /v1/completions': waits(text),
        'POST /tokenize': { handle: ({ body }) => tokenized(site, asRecord(body) ?? {}) },
        'POST /detokenize': {
          handle: ({ body }) => ({
            status: 200,
            body: { content: site.engine.vocabulary.textOf(numbers(asRecord(body)?.tokens)) },
          }),
        },
        'POST /apply-template': {
          handle({ body }) {
            const prompt = promptOf('chat', asRecord(body) ?? {});
            return prompt === null
              ? refuse({ status: 400, message: "Expected 'messages' to be an array" })
              : { status: 200, body: { prompt } };
          },
        },
        'POST /v1/chat/completions/input_tokens': {
          handle({ body }) {
            const prompt = promptOf('chat', asRecord(body) ?? {}) ?? '';
            const tokens = site.engine.tokenize(prompt).length;
            return { status: 200, body: { input_tokens: tokens, object: 'response.input_tokens' } };
          },
        },
      },
      missing: () => refuse({ status: 404 }),
      refuse,
      jsonType: 'application/json; charset=utf-8',
      // The stream ends after an error, without the last line.
      streamError: (message) => sse({ error: { code: 500, message, type: 'server_error' } }),
      keepAlive: ':\n\n',
      sendsDate: false,
      guards: (path) => !['/health', '/v1/health', '/models', '/v1/models', '/'].includes(path),
      starting: () => ({ ...refuse({ status: 503 }), body: loading }),
    };
  },
};

const loading = { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } };

const types: Record<number, [type: string, message: string]> = {
  400: ['invalid_request_error', "Expected 'messages' to be an array"],
  401: ['authentication_error', 'Invalid API Key'],
  403: ['permission_error', 'Forbidden'],
  404: ['not_found_error', 'File Not Found'],
  429: ['unavailable_error', 'Too many requests'],
  500: ['server_error', 'Internal server error'],
  501: ['not_supported_error', 'This server does not support this endpoint.'],
  502: ['server_error', 'proxy error'],
  503: ['unavailable_error', 'Loading model'],
};

function refuse({ status, message, overflow, missingModel, brokenJson }: Problem): WholeAnswer {
  // Errors close the connection.
  const answer = (code: number, error: object) => ({
    status: code,
    headers: { Connection: 'close' },
    body: { error },
  });
  if (overflow) {
    const { promptTokens, contextSize } = overflow;
    return answer(400, {
      code: 400,
      message: `request (${promptTokens} tokens) exceeds the available context size (${contextSize} tokens), try increasing it`,
      type: 'exceed_context_size_error',
      n_prompt_tokens: promptTokens,
      n_ctx: contextSize,
    });
  }
  // A body that is not JSON is an error of the server to it.
  if (brokenJson) {
    const words =
      "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing object key - invalid literal; last read: '{b'; expected string literal";
    return answer(500, { code: 500, message: words, type: 'server_error' });
  }
  if (missingModel !== undefined) {
    return answer(400, { code: 400, message: `model '${missingModel}' not found`, type: 'invalid_request_error' });
  }
  const [type, words] = types[status] ?? types[500] ?? ['server_error', ''];
  return answer(
    status,
    status === 404 ? { message: message ?? words, type, code: 404 } : { code: status, message: message ?? words, type },
  );
}

/** Paths that a router forwards to the server of a model. */
function ownRoutes(site: Site) {
  const { slotsEndpoint = true } = site.script.llamaServer ?? {};
  return {
    'GET /props': { handle: () => ({ status: 200, body: props(site) }) },
    'GET /slots': {
      handle: () =>
        slotsEndpoint
          ? { status: 200, body: slots(site) }
          : refuse({
              status: 501,
              message: 'This server does not support slots endpoint. Start it with `--slots`',
            }),
    },
    'GET /metrics': { handle: () => metrics(site) },
  };
}

function props(site: Site) {
  const model = site.models.first;
  return {
    default_generation_settings: { params: samplingParams(), n_ctx: site.engine.contextSize },
    total_slots: site.engine.slotCount,
    model_alias: model,
    model_ftype: 'Q8_0',
    model_path: `/models/${model}.gguf`,
    modalities: { vision: false, video: false, audio: false },
    media_marker: '<__media__>',
    endpoint_slots: site.script.llamaServer?.slotsEndpoint ?? true,
    endpoint_props: false,
    endpoint_metrics: site.script.metrics ?? true,
    ui: true,
    ui_settings: {},
    chat_template:
      "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content }}{%- endfor %}",
    chat_template_caps: {
      supports_object_arguments: true,
      supports_parallel_tool_calls: true,
      supports_preserve_reasoning: false,
      supports_reasoning_effort: false,
      supports_string_content: true,
      supports_system_role: true,
      supports_tool_calls: true,
      supports_tools: true,
      supports_typed_content: false,
    },
    bos_token: '<|im_start|>',
    eos_token: '<|im_end|>',
    build_info: 'b1-de3ff81',
    is_sleeping: false,
    cors_proxy_enabled: false,
  };
}

function modelList(site: Site) {
  if (site.script.llamaServer?.router)
    return { data: site.models.list.map(({ id }) => listedModel(site, id)), object: 'list' };
  const id = site.models.first;
  return {
    models: [
      {
        name: id,
        model: id,
        modified_at: '',
        size: '',
        digest: '',
        type: 'model',
        description: '',
        tags: [''],
        capabilities: ['completion'],
        parameters: '',
        details: {
          parent_model: '',
          format: 'gguf',
          family: '',
          families: [''],
          parameter_size: '',
          quantization_level: '',
        },
      },
    ],
    object: 'list',
    data: [loadedModel(site, id)],
  };
}

function slots(site: Site) {
  return Array.from({ length: site.engine.slotCount }, (_, id) => {
    const processing = site.engine.running.has(id);
    const slot = { id, n_ctx: site.engine.contextSize, speculative: false, is_processing: processing };
    // An idle slot still shows its last request.
    const run = site.engine.lastRuns.get(id);
    if (!run) return slot;
    const { facts, processed } = run;
    return {
      ...slot,
      id_task: 1,
      n_prompt_tokens: facts.promptTokens,
      n_prompt_tokens_processed: processed - facts.cachedTokens,
      n_prompt_tokens_cache: facts.cachedTokens,
      params: { ...samplingParams(), stream: true },
      next_token: [{ has_next_token: processing, has_new_line: false, n_remain: -1, n_decoded: facts.tokens }],
    };
  });
}

function metrics(site: Site): WholeAnswer {
  if (!(site.script.metrics ?? true)) {
    return refuse({
      status: 501,
      message: 'This server does not support metrics endpoint. Start it with `--metrics`',
    });
  }
  const { running = 0, waiting = 0 } = site.script.others ?? {};
  const gauge = (name: string, help: string, value: number) =>
    `# HELP llamacpp:${name} ${help}\n# TYPE llamacpp:${name} gauge\nllamacpp:${name} ${value}\n`;
  return {
    status: 200,
    contentType: 'text/plain; version=0.0.4',
    body:
      gauge('requests_processing', 'Number of requests processing', site.engine.running.size + running) +
      gauge('requests_deferred', 'Number of requests deferred', site.engine.slots.waiting + waiting),
  };
}

function tokenized(site: Site, body: Record<string, unknown>): WholeAnswer {
  const { vocabulary } = site.engine;
  const tokens = site.engine.tokenize(textOf(body.content));
  return {
    status: 200,
    body: {
      tokens: tokens.map((piece) =>
        body.with_pieces === true ? { id: vocabulary.numberOf(piece), piece } : vocabulary.numberOf(piece),
      ),
    },
  };
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

/** Rates of an answer. The first token of an answer takes no time. */
export function timingsOf({ promptTokens, cachedTokens, promptMs, decodeMs }: RunFacts, predicted: number) {
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

async function* pieces(site: Site, run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
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

function whole(site: Site, { facts, choices }: Collected, request: CompletionRequest): object {
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
