import type { Run, RunFacts } from '../engine/simulated-engine.ts';
import { wholeCalls } from '../engine/whole-calls.ts';
import type { DialectKind, Piece, Problem, Site, WholeAnswer } from './dialect.ts';
import { ollamaApi } from './ollama-api.ts';
import { completionRoute, type Collected, type CompletionRequest } from './openai-request.ts';
import { lastLine, now, randomName, sse } from './text-forms.ts';

/** Ollama, from its source. Nothing here was recorded from a running one. */
export const ollama: DialectKind = {
  habits: { batch: 512 },
  create(site) {
    const form = {
      headersAtOnce: false,
      severalChoices: false,
      loadsModels: true,
      // The start of the chat is cut off without a word.
      tooLong: 'cut' as const,
      findModel: (name: string) => findModel(site, name),
      pieces,
      whole,
    };
    return {
      headers: {},
      routes: {
        'GET /': {
          handle: () => ({ status: 200, contentType: 'text/plain; charset=utf-8', body: 'Ollama is running' }),
        },
        'GET /v1/models': {
          handle: () => ({
            status: 200,
            body: {
              object: 'list',
              data: site.models.list.map(({ id }) => ({
                id: fullName(id),
                object: 'model',
                created: site.startedAt,
                owned_by: 'library',
              })),
            },
          }),
        },
        'POST /v1/chat/completions': completionRoute(site, refuseOpenAi, 'chat', form),
        'POST /v1/completions': completionRoute(site, refuseOpenAi, 'text', form),
        ...ollamaApi(site, {
          refuse,
          find: (name) => findModel(site, name),
          fullName,
        }),
      },
      missing: () => ({ status: 404, contentType: 'text/plain', body: '404 page not found' }),
      refuse: refuseOpenAi,
      streamError: (message, path) =>
        path.startsWith('/api/')
          ? `${JSON.stringify({ error: message })}\n`
          : // Its OpenAI surface makes an empty chunk of an error, and ends without the last line.
            sse(chunkOf(`chatcmpl-${number()}`, '', { role: 'assistant', content: '' }, null)),
      keepAlive: '',
      guards: () => false,
    };
  },
};

/** Names without a tag have the tag `latest`. */
function fullName(id: string): string {
  return id.includes(':') ? id : `${id}:latest`;
}

function findModel(site: Site, name: string): string | null {
  return site.models.list.find(({ id }) => fullName(id) === fullName(name))?.id ?? null;
}

function wordsOf({ message, missingModel, brokenJson }: Problem): string {
  if (missingModel !== undefined) return `model '${missingModel}' not found`;
  return brokenJson ? "invalid character 'b' looking for beginning of object key string" : (message ?? 'error');
}

function refuse(problem: Problem): WholeAnswer {
  return {
    status: problem.status,
    contentType: 'application/json; charset=utf-8',
    body: { error: wordsOf(problem) },
  };
}

function refuseOpenAi(problem: Problem): WholeAnswer {
  const { status } = problem;
  const type = status === 400 ? 'invalid_request_error' : status === 404 ? 'not_found_error' : 'api_error';
  return { status, body: { error: { message: wordsOf(problem), type, param: null, code: null } } };
}

function number(): number {
  return Math.floor(Math.random() * 999);
}

function chunkOf(id: string, model: string, delta: object, reason: string | null) {
  return {
    id,
    object: 'chat.completion.chunk',
    created: now(),
    model,
    system_fingerprint: 'fp_ollama',
    choices: [{ index: 0, delta, finish_reason: reason }],
  };
}

function usageOf({ promptTokens, tokens }: RunFacts) {
  return { prompt_tokens: promptTokens, completion_tokens: tokens, total_tokens: promptTokens + tokens };
}

async function* pieces(run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const chat = request.kind === 'chat';
  const id = `${chat ? 'chatcmpl' : 'cmpl'}-${number()}`;
  const chunk = (fields: object, text: string, reason: string | null) => {
    if (chat) return chunkOf(id, request.model, { role: 'assistant', content: text, ...fields }, reason);
    return {
      id,
      object: 'text_completion',
      created: now(),
      choices: [{ text, index: 0, finish_reason: reason }],
      model: request.model,
      system_fingerprint: 'fp_ollama',
    };
  };
  for await (const event of wholeCalls(run.events)) {
    if (event.type === 'progress') yield { text: '', read: event.processed / event.total };
    else if (event.type === 'tokens') {
      const text = event.kind === 'text' ? event.text : '';
      const fields = event.kind === 'text' ? {} : { reasoning: event.text };
      yield { text: sse(chunk(fields, text, null)), tokens: event.tokens.length };
    } else if (event.type === 'whole-call') {
      const { index, call } = event;
      const toolCall = {
        id: call.id ?? `call_${randomName(8).toLowerCase()}`,
        index,
        type: 'function',
        function: { name: call.name, arguments: call.arguments },
      };
      yield { text: sse(chunk({ tool_calls: [toolCall] }, '', null)), tokens: event.tokens.length };
    } else yield { text: sse(chunk({}, '', event.reason)), finish: true };
  }
  if (request.includeUsage) {
    yield { text: sse({ ...chunk({}, '', null), choices: [], usage: usageOf(run.facts) }) };
  }
  yield lastLine;
}

function whole({ facts, choices }: Collected, request: CompletionRequest): object {
  const chat = request.kind === 'chat';
  const [choice] = choices;
  const text = choice?.text ?? '';
  const message = {
    role: 'assistant',
    content: text,
    ...(choice?.reasoning && { reasoning: choice.reasoning }),
    ...(choice?.calls.length && {
      tool_calls: choice.calls.map(({ id, name, index, arguments: args }) => ({
        id: id ?? `call_${randomName(8).toLowerCase()}`,
        index,
        type: 'function',
        function: { name, arguments: args },
      })),
    }),
  };
  return {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${number()}`,
    object: chat ? 'chat.completion' : 'text_completion',
    created: now(),
    model: request.model,
    system_fingerprint: 'fp_ollama',
    choices: [{ index: 0, ...(chat ? { message } : { text }), finish_reason: choice?.reason ?? 'stop' }],
    usage: usageOf(facts),
  };
}
