import type { Run, RunFacts } from '../engine/simulated-engine.ts';
import { wholeCalls } from '../engine/whole-calls.ts';
import { renderChat } from '../engine/tokens.ts';
import type { Answer, Asked, Dialect, Piece, Route, Site } from './dialect.ts';
import { asRecord, promptOf, textOf } from './openai-request.ts';
import { chatLogprobs } from './text-forms.ts';

const details = {
  parent_model: '',
  format: 'gguf',
  family: 'llama',
  families: ['llama'],
  parameter_size: '26M',
  quantization_level: 'Q8_0',
};

interface Naming {
  refuse: Dialect['refuse'];
  find: (name: string) => string | null;
  fullName: (id: string) => string;
}

/** The API of Ollama itself, from its source and its manual. */
export function ollamaApi(site: Site, naming: Naming): Record<string, Route> {
  const { fullName } = naming;
  const size = 27_469_824;
  const named = (id: string) => ({ name: fullName(id), model: fullName(id) });
  return {
    'GET /api/version': { handle: () => ({ status: 200, body: { version: '0.13.1' } }) },
    'GET /api/tags': {
      handle: () => ({
        status: 200,
        body: {
          models: site.models.list.map(({ id }) => ({
            ...named(id),
            modified_at: new Date(site.startedAt * 1_000).toISOString(),
            size,
            digest: 'a'.repeat(64),
            details,
          })),
        },
      }),
    },
    'GET /api/ps': {
      handle: () => ({
        status: 200,
        body: {
          // A model is in the list already while its weights are read, once its memory is reserved: here, after the first
          // step of its load.
          models: site.models.list
            .filter(({ id }) => site.models.stateOf(id).share > 0)
            .map(({ id }) => ({
              ...named(id),
              size,
              digest: 'a'.repeat(64),
              details,
              expires_at: new Date(Date.now() + 300_000).toISOString(),
              size_vram: 0,
              context_length: site.engine.contextSize,
            })),
        },
      }),
    },
    'POST /api/show': {
      handle({ body }) {
        const name = textOf(asRecord(body)?.model);
        if (naming.find(name) === null) return naming.refuse({ status: 404, missingModel: name });
        return {
          status: 200,
          body: {
            details,
            parameters: `num_ctx ${site.engine.contextSize}`,
            template: '{{ .Prompt }}',
            model_info: {
              'general.architecture': 'llama',
              'general.parameter_count': 25_829_888,
              'llama.context_length': 32_768,
            },
            capabilities: ['completion', 'tools', 'thinking'],
            modified_at: new Date(site.startedAt * 1_000).toISOString(),
          },
        };
      },
    },
    'POST /api/chat': { answersPrompts: true, handle: (asked) => answer(site, naming, asked, 'chat') },
    'POST /api/generate': { answersPrompts: true, handle: (asked) => answer(site, naming, asked, 'generate') },
  };
}

type Kind = 'chat' | 'generate';

async function answer(site: Site, { refuse, find }: Naming, asked: Asked, kind: Kind): Promise<Answer> {
  const body = asRecord(asked.body);
  if (!body) return refuse({ status: 400, brokenJson: true });
  const name = textOf(body.model);
  const model = find(name);
  if (model === null) return refuse({ status: 404, missingModel: name });
  const started = performance.now();
  await site.models.ensure(model, asked.signal);
  const loadMs = performance.now() - started;
  const options = asRecord(body.options) ?? {};
  if (kind === 'generate' && !body.prompt) {
    // Nothing but a load.
    const response = { model: name, created_at: new Date().toISOString(), response: '', done: true };
    return { status: 200, body: { ...response, done_reason: 'load' } };
  }
  const whole = promptText(body, kind);
  if (whole === null) return refuse({ status: 400, message: 'missing request body' });
  // The start of a prompt that does not fit is cut off without a word, unless that is ruled out.
  const tokens = site.engine.tokenize(whole);
  const { contextSize } = site.engine;
  if (tokens.length >= contextSize && body.truncate === false) {
    return refuse({ status: 400, message: 'the input length exceeds the context length' });
  }
  const prompt = tokens.length < contextSize ? whole : tokens.slice(-Math.floor(contextSize / 2)).join('');
  const limit = options.num_predict;
  const run = site.engine.start({
    prompt,
    maxTokens: typeof limit === 'number' && limit >= 0 ? limit : null,
    choices: 1,
    stop: Array.isArray(options.stop) ? options.stop.map(String) : [],
    mayCall: Array.isArray(body.tools) && body.tools.length > 0,
    signal: asked.signal,
  });
  const top = body.logprobs === true ? Number(body.top_logprobs ?? 0) : null;
  const lines = objects(run, name, { kind, top }, () => performance.now() - started, loadMs);
  if (body.stream !== false) {
    const pieces = (async function* (): AsyncGenerator<Piece> {
      for await (const { object, ...piece } of lines)
        yield { text: object ? `${JSON.stringify(object)}\n` : '', ...piece };
    })();
    return { pieces, contentType: 'application/x-ndjson', headersAtOnce: false };
  }
  return { status: 200, contentType: 'application/json; charset=utf-8', body: await joined(lines, kind) };
}

function promptText(body: Record<string, unknown>, kind: Kind): string | null {
  if (kind === 'chat') return promptOf('chat', body);
  if (typeof body.prompt !== 'string') return null;
  return body.raw === true ? body.prompt : renderChat([{ role: 'user', content: body.prompt }], undefined);
}

interface Line extends Omit<Piece, 'text'> {
  object?: { message?: Record<string, unknown>; response?: string; thinking?: string; [field: string]: unknown };
}

async function* objects(
  run: Run,
  model: string,
  { kind, top }: { kind: Kind; top: number | null },
  spentMs: () => number,
  loadMs: number,
): AsyncGenerator<Line> {
  const line = (fields: { content?: string; thinking?: string; tool_calls?: object[] }, more: object) => {
    const { content = '', ...rest } = fields;
    const said =
      kind === 'chat' ? { message: { role: 'assistant', content, ...rest } } : { response: content, ...rest };
    return { model, created_at: new Date().toISOString(), ...said, ...more };
  };
  for await (const event of wholeCalls(run.events)) {
    if (event.type === 'progress') yield { read: event.processed / event.total };
    else if (event.type === 'tokens') {
      const fields = event.kind === 'text' ? { content: event.text } : { thinking: event.text };
      const logprobs = top === null ? {} : { logprobs: chatLogprobs(event.tokens, top).content };
      yield { object: line(fields, { done: false, ...logprobs }), tokens: event.tokens.length };
    } else if (event.type === 'whole-call') {
      const { index, call } = event;
      // Arguments are an object here.
      const args = JSON.parse(call.arguments) as object;
      const toolCall = { ...(call.id && { id: call.id }), function: { index, name: call.name, arguments: args } };
      yield { object: line({ tool_calls: [toolCall] }, { done: false }), tokens: event.tokens.length };
    } else {
      // A call ends like a text.
      const reason = event.reason === 'length' ? 'length' : 'stop';
      const times = timesOf(run.facts, spentMs(), loadMs);
      yield { object: line({}, { done: true, done_reason: reason, ...times }), finish: true };
    }
  }
}

/** Counts, and times in nanoseconds. */
function timesOf({ promptTokens, tokens, promptMs, decodeMs }: RunFacts, totalMs: number, loadMs: number) {
  const nanoseconds = (ms: number) => Math.round(ms * 1e6);
  return {
    total_duration: nanoseconds(totalMs),
    load_duration: nanoseconds(loadMs),
    prompt_eval_count: promptTokens,
    prompt_eval_duration: nanoseconds(promptMs),
    eval_count: tokens,
    eval_duration: nanoseconds(decodeMs),
  };
}

/** One object of all lines, as without a stream. */
async function joined(lines: AsyncIterable<Line>, kind: Kind): Promise<object> {
  let content = '';
  let thinking = '';
  const calls: unknown[] = [];
  let last: Line['object'] = {};
  for await (const { object } of lines) {
    if (!object) continue;
    last = object;
    const said = kind === 'chat' ? (object.message ?? {}) : { content: object.response, thinking: object.thinking };
    content += textOf(said.content);
    thinking += textOf(said.thinking);
    const made = object.message?.tool_calls;
    if (Array.isArray(made)) calls.push(...(made as unknown[]));
  }
  const rest = { ...(thinking && { thinking }), ...(calls.length > 0 && { tool_calls: calls }) };
  const said = kind === 'chat' ? { message: { role: 'assistant', content, ...rest } } : { response: content, ...rest };
  return { ...last, ...said };
}
