import type { GenerateRequest } from '@headway/protocol';

import { choiceSeed } from '../../../backend/choice-seed.ts';
import type { Dialect, DialectContext, UpstreamCall } from '../dialects/dialect.ts';
import { ChatReader } from '../stream/chat-reader.ts';
import { chatFields } from '../request/chat-fields.ts';
import { ownFields, type FieldNames } from '../request/request-fields.ts';

/** Which of a request's choices one call answers. */
export interface AskedChoices {
  first: number;
  count: number;
}

export interface AskedUpstream {
  dialect: Dialect;
  context: DialectContext;
  owner: string;
  /** Tokens that fit into its context after the prompt; null when unknown. */
  room: number | null;
}

/** What a server without a known context is asked for where it would end sooner by itself, in tokens. */
const manyTokens = 32_768;

/**
 * The request to an upstream: `v1/chat/completions` for a conversation, `v1/completions` for raw text, streamed, with
 * usage. See https://platform.openai.com/docs/api-reference/chat/create
 *
 * @throws HeadwayError `invalid-request` naming a field that the server does not have
 */
export function answerCall(
  request: GenerateRequest,
  { first, count }: AskedChoices,
  { dialect, context, owner, room }: AskedUpstream,
): UpstreamCall {
  const own = dialect.call?.(request, context, first);
  if (own) return own;
  const { body: added, headers } = dialect.additions(request, owner);
  const raw = request.prompt !== undefined;
  const names = { ...dialect.fields, ...(raw && { chatTemplateKwargs: undefined, generationPrompt: undefined }) };
  const body = {
    model: context.model,
    ...(raw ? { prompt: request.prompt } : chatFields(expressible(request, names))),
    ...samplingFields({ ...request, maxTokens: request.maxTokens ?? restOfContext(dialect, raw, room) }, first),
    ...(count > 1 && { n: count }),
    ...(request.logprobs !== undefined &&
      (raw ? { logprobs: request.logprobs } : { logprobs: true, top_logprobs: request.logprobs })),
    ...ownFields(request, names, dialect.name),
    ...(request.messages?.at(-1)?.role === 'assistant' && dialect.fields.continueLast),
    stream: true,
    stream_options: { include_usage: true },
    ...added,
  };
  return {
    path: raw ? 'v1/completions' : 'v1/chat/completions',
    body,
    ...(headers && { headers }),
    createReader: () => new ChatReader({ first, count, dialect, logprobs: request.logprobs !== undefined }),
  };
}

/** The limit to send for a request without one; undefined where the server takes the rest of the context by itself. */
function restOfContext({ endsEarly }: Dialect, raw: boolean, room: number | null): number | undefined {
  if (endsEarly === undefined || (endsEarly === 'raw' && !raw)) return undefined;
  // Where only raw text ends early, the server refuses more than fits.
  return room ?? (endsEarly === 'all' ? manyTokens : undefined);
}

/** A server that has no tool choice calls none where it knows none. */
function expressible(request: GenerateRequest, { without }: FieldNames): GenerateRequest {
  const none = request.toolChoice === 'none' && without?.includes('toolChoice');
  return none ? { ...request, tools: undefined, toolChoice: undefined } : request;
}

function samplingFields(request: GenerateRequest, first: number) {
  const { maxTokens, temperature, topP, seed, stop, presencePenalty, frequencyPenalty, logitBias } = request;
  return {
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    temperature,
    top_p: topP,
    ...(seed !== undefined && { seed: choiceSeed(seed, first) }),
    ...(stop.length > 0 && { stop }),
    ...(presencePenalty !== 0 && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== 0 && { frequency_penalty: frequencyPenalty }),
    ...(logitBias && { logit_bias: logitBias }),
  };
}
