import type { Run } from '../engine/simulated-engine.ts';
import type { DialectKind, Problem, Site, WholeAnswer } from './dialect.ts';
import { llamaPieces, llamaWhole } from './llama-completion.ts';
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
import { sse } from './text-forms.ts';

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
      choicesNeedSlots: true,
      pieces: (run: Run, request: CompletionRequest) => llamaPieces(site, run, request),
      whole: (collected: Collected, request: CompletionRequest) => llamaWhole(site, collected, request),
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

function refuse({ status, message, overflow, missingModel, brokenJson, choices }: Problem): WholeAnswer {
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
  if (choices) {
    const words = `Field 'n': Value must be between 1 <= value <= ${choices.slots}, but got ${choices.asked}`;
    return answer(400, { code: 400, message: words, type: 'invalid_request_error' });
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
