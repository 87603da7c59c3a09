import type { Run, RunFacts } from '../engine/simulated-engine.ts';
import { wholeCalls } from '../engine/whole-calls.ts';
import type { DialectKind, Piece, Problem, Site, WholeAnswer } from './dialect.ts';
import { lmStudioRest } from './lm-studio-rest.ts';
import { completionRoute, type Collected, type CompletionRequest } from './openai-request.ts';
import { lastLine, now, randomName, sse } from './text-forms.ts';

const tooLong =
  'The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input';

/**
 * LM Studio, from its documentation and from what its users report. It is closed source: the fields of its errors in
 * streams beside the message, of its answer to a wrong key, and of its chunks beside OpenAI's were not verified.
 */
export const lmStudio: DialectKind = {
  habits: { batch: 512 },
  create(site) {
    const form = {
      headersAtOnce: true,
      headers: { 'Cache-Control': 'no-cache' },
      severalChoices: false,
      loadsModels: true,
      // Refused within the stream, with status 200.
      tooLongInStream: () => streamError(tooLong),
      pieces,
      whole,
    };
    return {
      headers: { 'X-Powered-By': 'Express' },
      routes: {
        'GET /v1/models': {
          handle: () => ({
            status: 200,
            body: {
              data: site.models.list.map(({ id }) => ({ id, object: 'model', owned_by: 'organization_owner' })),
              object: 'list',
            },
          }),
        },
        'POST /v1/chat/completions': completionRoute(site, refuse, 'chat', form),
        'POST /v1/completions': completionRoute(site, refuse, 'text', form),
        ...lmStudioRest(site, refuse),
      },
      // Every other path is answered with status 200.
      missing: ({ method, path }) => ({
        status: 200,
        body: { error: `Unexpected endpoint or method. (${method} ${path})` },
      }),
      refuse,
      jsonType: 'application/json; charset=utf-8',
      streamError: (message, path) =>
        path === '/api/v1/chat'
          ? sse({ type: 'error', error: { type: 'internal_error', message } }, 'error') + chatEnd(site)
          : streamError(message),
      keepAlive: ': keep-alive\n\n',
    };
  },
};

/** The result that follows an error too, with what was written. */
function chatEnd(site: Site): string {
  const stats = {
    input_tokens: 0,
    total_output_tokens: 0,
    reasoning_output_tokens: 0,
    tokens_per_second: 0,
    time_to_first_token_seconds: 0,
  };
  const result = { model_instance_id: site.models.first, output: [], stats };
  return sse({ type: 'chat.end', result }, 'chat.end');
}

function streamError(message: string): string {
  return sse({ error: { message }, message }, 'error');
}

function refuse({ status, message, overflow, missingModel }: Problem): WholeAnswer {
  const answer = (body: object) => ({ status, body });
  if (status === 401) {
    const words = 'Malformed or missing API key';
    return answer({ error: { message: words, type: 'invalid_request_error', code: 'invalid_api_key', param: null } });
  }
  if (missingModel !== undefined) {
    const words = `Model "${missingModel}" not found. Please specify a valid model.`;
    return answer({
      error: { message: words, type: 'invalid_request_error', param: 'model', code: 'model_not_found' },
    });
  }
  return answer({ error: overflow ? tooLong : (message ?? 'Internal error') });
}

function usageOf({ promptTokens, tokens, reasoningTokens }: RunFacts) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: tokens,
    total_tokens: promptTokens + tokens,
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}

function callId({ id }: { id?: string }): string {
  return id ?? randomName(9).toLowerCase();
}

async function* pieces(run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const { facts } = run;
  const chat = request.kind === 'chat';
  const base = {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomName(21).toLowerCase()}`,
    object: chat ? 'chat.completion.chunk' : 'text_completion',
    created: now(),
    model: request.model,
    system_fingerprint: request.model,
  };
  const chunk = (content: object, reason: string | null) =>
    sse({ ...base, choices: [{ index: 0, ...content, logprobs: null, finish_reason: reason }] });
  for await (const event of wholeCalls(run.events)) {
    if (event.type === 'progress') yield { text: '', read: event.processed / event.total };
    else if (event.type === 'tokens') {
      const field = event.kind === 'text' ? 'content' : 'reasoning_content';
      const delta = { role: 'assistant', [field]: event.text };
      yield { text: chunk(chat ? { delta } : { text: event.text }, null), tokens: event.tokens.length };
    } else if (event.type === 'whole-call') {
      const { index, call } = event;
      const started = { index, id: callId(call), type: 'function', function: { name: call.name, arguments: '' } };
      const args = { index, type: 'function', function: { arguments: call.arguments } };
      yield { text: chunk({ delta: { role: 'assistant', tool_calls: [started] } }, null) };
      yield { text: chunk({ delta: { tool_calls: [args] } }, null), tokens: event.tokens.length };
    } else yield { text: chunk(chat ? { delta: {} } : { text: '' }, event.reason), finish: true };
  }
  if (request.includeUsage) yield { text: sse({ ...base, choices: [], usage: usageOf(facts) }) };
  yield lastLine;
}

function whole({ facts, choices }: Collected, request: CompletionRequest): object {
  const chat = request.kind === 'chat';
  const [choice] = choices;
  const text = choice?.text ?? '';
  const message = {
    role: 'assistant',
    content: text,
    ...(choice?.reasoning && { reasoning_content: choice.reasoning }),
    tool_calls: choice?.calls.map((call) => ({
      type: 'function',
      id: callId(call),
      function: { name: call.name, arguments: call.arguments },
    })),
  };
  return {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomName(21).toLowerCase()}`,
    object: chat ? 'chat.completion' : 'text_completion',
    created: now(),
    model: request.model,
    choices: [
      { index: 0, ...(chat ? { message } : { text }), logprobs: null, finish_reason: choice?.reason ?? 'stop' },
    ],
    usage: usageOf(facts),
    stats: {},
    system_fingerprint: request.model,
  };
}
