import type { Run, RunFacts } from '../engine/simulated-engine.ts';
import type { DialectKind, Piece, Problem, Site, WholeAnswer } from './dialect.ts';
import { asRecord, completionRoute, type Collected, type CompletionRequest } from './openai-request.ts';
import { chatLogprobs, lastLine, now, pythonJson, randomHex, sse, textLogprobs } from './text-forms.ts';

/**
 * SGLang, from the source of its servers. Nothing here was recorded from a running one. The nulls in the deltas are those
 * of the versions that dump whole Pydantic models.
 */
export const sglang: DialectKind = {
  habits: { batch: 8_192 },
  create(site) {
    const form = {
      // It waits for the first output before it answers, so that errors are errors of HTTP.
      headersAtOnce: false,
      countsMaxTokens: true,
      contentType: 'text/event-stream; charset=utf-8',
      checksModel: false,
      pieces: (run: Run, request: CompletionRequest) => pieces(site, run, request),
      whole: (collected: Collected, request: CompletionRequest) => whole(site, collected, request),
    };
    const info = { handle: () => ({ status: 200, body: serverInfo(site) }) };
    const model = { handle: () => ({ status: 200, body: modelInfo(site) }) };
    const tokenize = { handle: ({ body }: { body: unknown }) => tokenized(site, asRecord(body) ?? {}) };
    const detokenize = {
      handle: ({ body }: { body: unknown }) => {
        const numbers = asRecord(body)?.tokens;
        const text = site.engine.vocabulary.textOf(Array.isArray(numbers) ? numbers.map(Number) : []);
        return { status: 200, body: { text } };
      },
    };
    return {
      headers: { server: 'uvicorn' },
      routes: {
        'GET /health': { handle: () => ({ status: 200, body: '' }) },
        'GET /get_model_info': model,
        'GET /model_info': model,
        'GET /get_server_info': info,
        'GET /server_info': info,
        'GET /v1/models': {
          handle: () => ({
            status: 200,
            body: {
              object: 'list',
              data: site.models.list.map(({ id }) => ({
                id,
                object: 'model',
                created: now(),
                owned_by: 'sglang',
                root: id,
                parent: null,
                max_model_len: site.engine.contextSize,
              })),
            },
          }),
        },
        'GET /metrics': { handle: () => metrics(site) },
        'POST /tokenize': tokenize,
        'POST /v1/tokenize': tokenize,
        'POST /detokenize': detokenize,
        'POST /v1/detokenize': detokenize,
        'POST /v1/chat/completions': completionRoute(site, refuse, 'chat', form),
        'POST /v1/completions': completionRoute(site, refuse, 'text', form),
      },
      missing: () => ({ status: 404, body: { detail: 'Not Found' } }),
      refuse,
      // The last line follows an error too.
      streamError: (message) =>
        sse(
          pythonJson({ error: { object: 'error', message, type: 'INTERNAL_SERVER_ERROR', param: null, code: 500 } }),
        ) + lastLine.text,
      keepAlive: ': keep-alive\n\n',
      guards: (path) => path !== '/health' && path !== '/metrics',
    };
  },
};

function refuse({ status, message, overflow, brokenJson }: Problem): WholeAnswer {
  if (status === 401) return { status, body: { error: 'Unauthorized' } };
  const words = overflow?.maxTokens
    ? `Requested token count exceeds the model's maximum context length of ${overflow.contextSize} tokens. You requested a total of ${overflow.promptTokens + overflow.maxTokens} tokens: ${overflow.promptTokens} tokens from the input messages and ${overflow.maxTokens} tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.`
    : overflow
      ? `The input (${overflow.promptTokens} tokens) is longer than the model's context length (${overflow.contextSize} tokens).`
      : brokenJson
        ? "[{'type': 'json_invalid', 'loc': ('body', 1), 'msg': 'JSON decode error'}]"
        : (message ?? 'Internal server error');
  const type = status < 500 ? 'BadRequestError' : 'InternalServerError';
  return { status, body: { object: 'error', message: words, type, param: null, code: status } };
}

function modelInfo(site: Site) {
  return {
    model_path: site.models.first,
    tokenizer_path: site.models.first,
    is_generation: true,
    preferred_sampling_params: null,
    weight_version: 'default',
    has_image_understanding: false,
    has_audio_understanding: false,
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
  };
}

/** A few of the many settings. */
function serverInfo(site: Site) {
  return {
    model_path: site.models.first,
    tokenizer_path: site.models.first,
    served_model_name: site.models.first,
    context_length: null,
    max_running_requests: null,
    enable_metrics: site.script.metrics ?? true,
    enable_cache_report: site.script.sglang?.tellsCached ?? true,
    max_total_num_tokens: site.engine.contextSize * site.engine.slotCount,
    max_req_input_len: site.engine.contextSize - 6,
    internal_states: [{ last_gen_throughput: 0 }],
    version: '0.5.6',
  };
}

function metrics(site: Site): WholeAnswer {
  if (!(site.script.metrics ?? true)) return { status: 404, body: { detail: 'Not Found' } };
  const { running = 0, waiting = 0 } = site.script.others ?? {};
  const labels = `{engine_type="unified",model_name="${site.models.first}",pp_rank="0",tp_rank="0"}`;
  const gauge = (name: string, help: string, value: number) =>
    `# HELP sglang:${name} ${help}\n# TYPE sglang:${name} gauge\nsglang:${name}${labels} ${value.toFixed(1)}\n`;
  return {
    status: 200,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    body:
      gauge('num_running_reqs', 'The number of running requests.', site.engine.running.size + running) +
      gauge('num_queue_reqs', 'The number of requests in the waiting queue.', site.engine.slots.waiting + waiting),
  };
}

function tokenized(site: Site, { prompt }: Record<string, unknown>): WholeAnswer {
  if (typeof prompt !== 'string')
    return refuse({ status: 400, message: 'Invalid prompt type. Expected str or List[str].' });
  const tokens = site.engine.tokenize(prompt).map((token) => site.engine.vocabulary.numberOf(token));
  return { status: 200, body: { tokens, count: tokens.length, max_model_len: site.engine.contextSize } };
}

function usageOf(site: Site, { promptTokens, cachedTokens, reasoningTokens }: RunFacts, completionTokens: number) {
  const tells = (site.script.sglang?.tellsCached ?? true) && cachedTokens > 0;
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
    prompt_tokens_details: tells ? { cached_tokens: cachedTokens } : null,
    reasoning_tokens: reasoningTokens,
  };
}

async function* pieces(site: Site, run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const { facts } = run;
  const chat = request.kind === 'chat';
  const base = {
    id: randomHex(),
    object: chat ? 'chat.completion.chunk' : 'text_completion',
    created: now(),
    model: request.model,
  };
  const empty = { role: null, content: null, reasoning_content: null, tool_calls: null };
  const chunk = (index: number, content: object, logprobs: object | null, reason: string | null) => {
    const choice = {
      index,
      ...content,
      logprobs,
      finish_reason: reason,
      matched_stop: reason === 'stop' ? 151_645 : null,
    };
    return sse({ ...base, choices: [choice], usage: null });
  };
  const begun = new Set<number>();
  for await (const event of run.events) {
    if (event.type === 'progress') {
      yield { text: '', read: event.processed / event.total };
      continue;
    }
    const index = event.choice;
    if (chat && !begun.has(index)) {
      begun.add(index);
      yield { text: chunk(index, { delta: { ...empty, role: 'assistant', content: '' } }, null, null) };
    }
    if (event.type === 'finish') {
      yield { text: chunk(index, chat ? { delta: empty } : { text: '' }, null, event.reason), finish: true };
      continue;
    }
    const top = request.topLogprobs;
    const logprobs = top === null ? null : chat ? chatLogprobs(event.tokens, top) : textLogprobs(event.tokens, top);
    const tokens = event.tokens.length;
    if (!chat) {
      yield { text: chunk(index, { text: event.type === 'tokens' ? event.text : '' }, logprobs, null), tokens };
    } else if (event.type === 'call') {
      const { part } = event;
      const call = {
        id: part.starts ? (part.call.id ?? `call_${randomHex().slice(0, 24)}`) : null,
        index: part.index,
        type: 'function',
        function: { name: part.starts ? part.call.name : null, arguments: part.arguments },
      };
      yield { text: chunk(index, { delta: { ...empty, tool_calls: [call] } }, null, null), tokens };
    } else {
      const field = event.kind === 'text' ? 'content' : 'reasoning_content';
      yield { text: chunk(index, { delta: { ...empty, [field]: event.text } }, logprobs, null), tokens };
    }
  }
  if (request.includeUsage) yield { text: sse({ ...base, choices: [], usage: usageOf(site, facts, facts.tokens) }) };
  yield lastLine;
}

function whole(site: Site, { facts, choices }: Collected, request: CompletionRequest): object {
  const chat = request.kind === 'chat';
  const top = request.topLogprobs;
  return {
    id: randomHex(),
    object: chat ? 'chat.completion' : 'text_completion',
    created: now(),
    model: request.model,
    choices: choices.map(({ text, reasoning, calls, tokens, reason }, index) => {
      const rest = {
        logprobs: top === null ? null : chat ? chatLogprobs(tokens, top) : textLogprobs(tokens, top),
        finish_reason: reason,
        matched_stop: reason === 'stop' ? 151_645 : null,
      };
      if (!chat) return { index, text, ...rest };
      const toolCalls = calls.map(({ id, name, index: at, arguments: args }) => ({
        id: id ?? `call_${randomHex().slice(0, 24)}`,
        index: at,
        type: 'function',
        function: { name, arguments: args },
      }));
      const message = {
        role: 'assistant',
        content: text || (calls.length > 0 ? null : ''),
        reasoning_content: reasoning || null,
        tool_calls: calls.length > 0 ? toolCalls : null,
      };
      return { index, message, ...rest };
    }),
    usage: usageOf(site, facts, facts.tokens),
    metadata: { weight_version: 'default' },
  };
}
