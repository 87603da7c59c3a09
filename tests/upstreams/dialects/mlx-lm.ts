import { randomUUID } from 'node:crypto';

import type { ReplyToken, Run, RunFacts } from '../engine/simulated-engine.ts';
import { wholeCalls } from '../engine/whole-calls.ts';
import type { ScriptedCall } from '../upstream-script.ts';
import type { DialectKind, Piece, Problem, Site, WholeAnswer } from './dialect.ts';
import { completionRoute, type Collected, type CompletionRequest } from './openai-request.ts';
import { alternatives, bytesOf, lastLine, now, pythonJson, sse } from './text-forms.ts';

/** `mlx_lm.server`, from its source. Nothing here was recorded from a running one. */
export const mlxLm: DialectKind = {
  habits: { batch: 2_048 },
  create(site) {
    const form = {
      headersAtOnce: true,
      headers: {
        'Cache-Control': 'no-cache',
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Methods': '*',
        'Access-Control-Allow-Headers': '*',
      },
      // Python's server speaks HTTP/1.0.
      endsByClose: true,
      // A model by another name would be downloaded.
      checksModel: false,
      severalChoices: false,
      tooLong: 'ignored' as const,
      pieces,
      whole,
    };
    const chat = completionRoute(site, refuse, 'chat', form);
    return {
      headers: { Server: 'BaseHTTP/0.6 Python/3.12.4' },
      routes: {
        'GET /health': { handle: () => ({ status: 200, body: '{"status": "ok"}' }) },
        // Every path that begins so lists the models.
        'GET /v1/models*': { handle: () => ({ status: 200, body: pythonJson(modelList(site)) }) },
        'POST /v1/chat/completions': chat,
        'POST /chat/completions': chat,
        'POST /v1/completions': completionRoute(site, refuse, 'text', form),
      },
      // Plain text, although the header says otherwise.
      missing: () => ({ status: 404, body: 'Not Found' }),
      refuse,
      // An error in mid-stream ends the connection and says nothing.
      streamError: () => '',
      keepAlive: ': keepalive 0/0\n\n',
      guards: () => false,
    };
  },
};

function refuse({ status, message, brokenJson }: Problem): WholeAnswer {
  const words = brokenJson
    ? 'Invalid JSON in request body: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'
    : (message ?? 'error');
  return { status, body: pythonJson({ error: words }) };
}

function modelList(site: Site) {
  return {
    object: 'list',
    data: site.models.list.map(({ id }) => ({ id, object: 'model', created: site.startedAt })),
  };
}

const fingerprint = '0.30.4-0.31.0-macOS-15.1-arm64-arm-64bit-applegpu_g16s';

function usageOf({ promptTokens, cachedTokens, tokens }: RunFacts) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: tokens,
    total_tokens: promptTokens + tokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

function toolCall({ id = randomUUID(), name, arguments: args }: ScriptedCall, index?: number) {
  return { function: { name, arguments: args }, type: 'function', id, ...(index !== undefined && { index }) };
}

function logprobsOf(tokens: readonly ReplyToken[], top: number) {
  const entry = ({ id, text, logprob }: ReplyToken) => ({ id, token: text, bytes: bytesOf(text), logprob });
  return {
    content: tokens.map((token) =>
      // Without alternatives, the token has only its number.
      top > 0
        ? { ...entry(token), top_logprobs: alternatives(token, top).map(entry) }
        : { id: token.id, logprob: token.logprob },
    ),
  };
}

async function* pieces(run: Run, request: CompletionRequest): AsyncGenerator<Piece> {
  const { facts } = run;
  const chat = request.kind === 'chat';
  const base = {
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomUUID()}`,
    system_fingerprint: fingerprint,
    object: chat ? 'chat.completion.chunk' : 'text_completion',
    model: request.model,
    created: now(),
  };
  const chunk = (text: string, reasoning: string, calls: object[], reason: string | null) => {
    const delta = { role: 'assistant', content: text, reasoning, tool_calls: calls };
    const choice = { index: 0, finish_reason: reason, ...(chat ? { delta } : { text }) };
    return sse(pythonJson({ ...base, choices: [choice] }));
  };
  for await (const event of wholeCalls(run.events)) {
    if (event.type === 'progress') {
      // Counts only what is read, without what is cached.
      const { processed, total, cached } = event;
      yield { text: `: keepalive ${processed - cached}/${total - cached}\n\n`, read: processed / total };
    } else if (event.type === 'tokens') {
      const tokens = event.tokens.length;
      yield { text: event.kind === 'text' ? chunk(event.text, '', [], null) : chunk('', event.text, [], null), tokens };
    } else if (event.type === 'whole-call') {
      yield { text: chunk('', '', [toolCall(event.call, event.index)], null), tokens: event.tokens.length };
    } else yield { text: chunk('', '', [], event.reason), finish: true };
  }
  if (request.includeUsage) {
    yield { text: sse(pythonJson({ ...base, object: 'chat.completion', choices: [], usage: usageOf(facts) })) };
  }
  yield lastLine;
}

function whole({ facts, choices }: Collected, request: CompletionRequest): string {
  const chat = request.kind === 'chat';
  const [choice] = choices;
  const text = choice?.text ?? '';
  const top = request.topLogprobs;
  return pythonJson({
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${randomUUID()}`,
    system_fingerprint: fingerprint,
    object: chat ? 'chat.completion' : 'text_completion',
    model: request.model,
    created: now(),
    choices: [
      {
        index: 0,
        finish_reason: choice?.reason ?? 'stop',
        ...(top !== null && { logprobs: logprobsOf(choice?.tokens ?? [], top) }),
        ...(chat
          ? {
              message: {
                role: 'assistant',
                content: text,
                reasoning: choice?.reasoning ?? '',
                tool_calls: choice?.calls.map((call) => toolCall(call)) ?? [],
              },
            }
          : { text }),
      },
    ],
    usage: usageOf(facts),
  });
}
