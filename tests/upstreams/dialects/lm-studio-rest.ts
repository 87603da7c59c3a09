import { randomBytes } from 'node:crypto';

import type { Run, RunFacts } from '../engine/simulated-engine.ts';
import { renderChat } from '../engine/tokens.ts';
import type { Answer, Asked, Dialect, Piece, Route, Site } from './dialect.ts';
import { asRecord, textOf } from './openai-request.ts';
import { sse } from './text-forms.ts';

/** The REST APIs of LM Studio, v1 and the older v0, from their documentation. */
export function lmStudioRest(site: Site, refuse: Dialect['refuse']): Record<string, Route> {
  const v0 = { 'GET /api/v0/models': { handle: () => ({ status: 200, body: olderList(site) }) } };
  if (site.script.lmStudio?.rest === 'v0') return v0;
  return {
    ...v0,
    'GET /api/v1/models': {
      handle: () => ({ status: 200, body: { models: site.models.list.map(({ id }) => listed(site, id)) } }),
    },
    'POST /api/v1/chat': { answersPrompts: true, handle: (asked) => chat(site, refuse, asked) },
  };
}

function listed(site: Site, id: string) {
  const loaded = site.models.stateOf(id).state === 'loaded';
  const config = {
    context_length: site.engine.contextSize,
    eval_batch_size: 512,
    flash_attention: true,
    offload_kv_cache_to_gpu: true,
  };
  return {
    type: 'llm',
    publisher: 'lmstudio-community',
    key: id,
    display_name: id,
    architecture: 'llama',
    quantization: { name: 'Q8_0', bits_per_weight: 8 },
    size_bytes: 27_469_824,
    params_string: '26M',
    loaded_instances: loaded ? [{ id, config }] : [],
    max_context_length: 32_768,
    format: 'gguf',
    capabilities: { vision: false, trained_for_tool_use: true },
    description: null,
  };
}

function olderList(site: Site) {
  return {
    object: 'list',
    data: site.models.list.map(({ id }) => {
      const loaded = site.models.stateOf(id).state === 'loaded';
      return {
        id,
        object: 'model',
        type: 'llm',
        publisher: 'lmstudio-community',
        arch: 'llama',
        compatibility_type: 'gguf',
        quantization: 'Q8_0',
        state: loaded ? 'loaded' : 'not-loaded',
        max_context_length: 32_768,
        ...(loaded && { loaded_context_length: site.engine.contextSize }),
      };
    }),
  };
}

async function chat(site: Site, refuse: Dialect['refuse'], asked: Asked): Promise<Answer> {
  const body = asRecord(asked.body);
  const invalid = (message: string, code: string, param: string) => ({
    status: 400,
    body: { error: { message, type: 'invalid_request', code, param } },
  });
  if (!body) return refuse({ status: 400, brokenJson: true });
  const model = textOf(body.model);
  if (model === '') return invalid('"model" is required', 'missing_required_parameter', 'model');
  if (!site.models.has(model)) return refuse({ status: 404, missingModel: model });
  const input = inputOf(body.input);
  if (input === null) return invalid('"input" is required', 'missing_required_parameter', 'input');
  const system = textOf(body.system_prompt);
  const messages = [...(system ? [{ role: 'system', content: system }] : []), { role: 'user', content: input }];
  const run = site.engine.start({
    prompt: renderChat(messages, undefined),
    maxTokens: typeof body.max_output_tokens === 'number' ? body.max_output_tokens : null,
    choices: 1,
    stop: [],
    // It calls only the tools of its own integrations.
    mayCall: Array.isArray(body.integrations) && body.integrations.length > 0,
    signal: asked.signal,
  });
  const events = chatEvents(site, run, model, body.store !== false, asked.signal);
  if (body.stream === true) return { pieces: events, contentType: 'text/event-stream', headersAtOnce: true };
  let last = '';
  for await (const { text } of events) last = text || last;
  const end = JSON.parse(last.slice(last.indexOf('data: ') + 6)) as { result: object };
  return { status: 200, body: end.result };
}

/** The text of an input: a string, or its text items. */
function inputOf(input: unknown): string | null {
  if (typeof input === 'string') return input;
  if (!Array.isArray(input)) return null;
  return input.map((item) => textOf(asRecord(item)?.content)).join('\n');
}

async function* chatEvents(
  site: Site,
  run: Run,
  model: string,
  stores: boolean,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const event = (type: string, data: object = {}) => sse({ type, ...data }, type);
  const started = performance.now();
  yield { text: event('chat.start', { model_instance_id: model }) };
  if (site.models.stateOf(model).state !== 'loaded') {
    yield { text: event('model_load.start', { model_instance_id: model }) };
    for await (const progress of site.models.load(model, signal)) {
      yield { text: event('model_load.progress', { model_instance_id: model, progress }) };
    }
    const seconds = (performance.now() - started) / 1_000;
    yield { text: event('model_load.end', { model_instance_id: model, load_time_seconds: seconds }) };
  }
  const output: { type: string; [field: string]: unknown }[] = [];
  let open: 'reasoning' | 'message' | null = null;
  let firstTokenMs = 0;
  let calling: { tool: string; arguments: string } | null = null;
  const provider = { type: 'plugin', plugin_id: 'mcp/test' };
  const close = () => {
    let text = open ? event(`${open}.end`) : '';
    open = null;
    if (calling) {
      const { tool } = calling;
      const args = JSON.parse(calling.arguments) as object;
      const call = { tool, arguments: args, provider_info: provider };
      text += event('tool_call.arguments', call);
      text += event('tool_call.success', { ...call, output: '[]' });
      output.push({ type: 'tool_call', tool, arguments: args, output: '[]', provider_info: provider });
      calling = null;
    }
    return text;
  };
  for await (const one of run.events) {
    if (one.type === 'progress') {
      const { processed, total } = one;
      const begins = processed === one.cached ? event('prompt_processing.start') : '';
      const text = event('prompt_processing.progress', { progress: processed / total });
      const ends = processed === total ? event('prompt_processing.end') : '';
      yield { text: begins + text + ends, read: processed / total };
    } else if (one.type === 'tokens') {
      firstTokenMs ||= performance.now() - started;
      const kind = one.kind === 'text' ? 'message' : 'reasoning';
      let text = '';
      if (open !== kind) {
        text = close() + event(`${kind}.start`);
        open = kind;
        output.push({ type: kind, content: '' });
      }
      const item = output.at(-1);
      if (item) item.content = textOf(item.content) + one.text;
      yield { text: text + event(`${kind}.delta`, { content: one.text }), tokens: one.tokens.length };
    } else if (one.type === 'call') {
      let text = '';
      if (one.part.starts) {
        text = close() + event('tool_call.start', { tool: one.part.call.name, provider_info: provider });
        calling = { tool: one.part.call.name, arguments: '' };
      } else if (calling) calling.arguments += one.part.arguments;
      yield { text, tokens: one.tokens.length };
    } else yield { text: close() };
  }
  const responseId = stores ? { response_id: `resp_${randomBytes(24).toString('hex')}` } : {};
  const result = { model_instance_id: model, output, stats: statsOf(run.facts, firstTokenMs), ...responseId };
  // There is no finish reason, and no last line after this event.
  yield { text: event('chat.end', { result }), finish: true };
}

function statsOf({ promptTokens, tokens, reasoningTokens, decodeMs }: RunFacts, firstTokenMs: number) {
  return {
    input_tokens: promptTokens,
    total_output_tokens: tokens,
    reasoning_output_tokens: reasoningTokens,
    tokens_per_second: decodeMs ? (1_000 * tokens) / decodeMs : 0,
    time_to_first_token_seconds: firstTokenMs / 1_000,
  };
}
