import { HeadwayError, type ToolCall, type ToolCallHead } from '@headway/protocol';

import type { DecodedPiece, DecodeEnd } from '../../../backend/backend.ts';
import { createToolCallId } from '../../../backend/create-tool-call-id.ts';
import { readLogprobs } from './read-logprobs.ts';
import type { AnswerReader, StreamItem, UpstreamSignal, UpstreamUsage } from './upstream-signal.ts';

/** Where a server's chunks differ from OpenAI's. */
export interface ChunkQuirks {
  /** Its usage chunks are about one choice each, in the order in which the choices end. */
  usagePerChoice?: boolean;
}

export interface ChatReaderOptions {
  /** The request's choice that the answer's index 0 is. */
  first: number;
  /** Choices in this answer. */
  count: number;
  dialect: {
    quirks: ChunkQuirks;
    readEvent?(name: string | undefined, data: unknown): readonly UpstreamSignal[] | undefined;
    readComment?(text: string): readonly UpstreamSignal[];
  };
  /** Whether log-probabilities were asked for. */
  logprobs: boolean;
}

/** A chunk of `v1/chat/completions` or `v1/completions`, as far as servers agree on it. */
interface Chunk {
  choices?: ChunkChoice[];
  usage?: Record<string, unknown> | null;
  /** llama-server's; `predicted_n`: completion tokens so far. */
  timings?: { predicted_n?: unknown } | null;
}

interface ChunkChoice {
  index?: number;
  delta?: Delta | null;
  /** Of an answer that is not streamed. */
  message?: Delta | null;
  /** Of raw text. */
  text?: string;
  logprobs?: unknown;
  finish_reason?: string | null;
  /** vLLM's: the stop string, or the id of a stop token. */
  stop_reason?: unknown;
  /** SGLang's. */
  matched_stop?: unknown;
}

interface Delta {
  content?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  tool_calls?: DeltaCall[] | null;
}

interface DeltaCall {
  index?: number;
  id?: string | null;
  function?: { name?: string | null; arguments?: string | null };
}

interface OpenChoice {
  calls: (ToolCallHead & { arguments: string })[];
  /** Completion tokens that pieces have told. */
  told: number;
  /** Tokens that the upstream counted and no piece has told yet. */
  untold: number;
  end: DecodeEnd | null;
}

/** Reasons to finish of answers that are not whole: exo's and SGLang's. */
const failures: ReadonlySet<string> = new Set(['error', 'abort']);

/** Reads the chunks of one answer in OpenAI's form. */
export class ChatReader implements AnswerReader {
  readonly #options: ChatReaderOptions;
  readonly #choices: readonly OpenChoice[];
  /** The order in which choices ended whose usage is to come. */
  readonly #ended: number[] = [];

  constructor(options: ChatReaderOptions) {
    this.#options = options;
    this.#choices = Array.from({ length: options.count }, () => ({ calls: [], told: 0, untold: 0, end: null }));
  }

  *read(item: StreamItem): Generator<UpstreamSignal> {
    const { dialect } = this.#options;
    if (item.kind === 'comment') {
      yield* dialect.readComment?.(item.text) ?? [];
      return;
    }
    if (item.data.trim() === '[DONE]') {
      yield { type: 'end' };
      return;
    }
    const data = parse(item.data);
    const special = dialect.readEvent?.(item.name, data);
    if (special) yield* special;
    else if (item.name === 'error' || isError(data)) yield { type: 'failed', said: data };
    else yield* this.#chunk((data ?? {}) as Chunk);
  }

  *#chunk(chunk: Chunk): Generator<UpstreamSignal> {
    const { choices = [], usage, timings } = chunk;
    const counted = numberOf(usage?.['completion_tokens']) ?? numberOf(timings?.predicted_n);
    for (const choice of choices) yield* this.#choice(choice, this.#options.count === 1 ? counted : null);
    if (usage) yield { type: 'usage', usage: this.#usage(usage, choices) };
  }

  /** `counted`: completion tokens so far, where the chunk tells them. */
  *#choice(chunk: ChunkChoice, counted: number | null): Generator<UpstreamSignal> {
    const index = chunk.index ?? 0;
    const open = this.#choices[index];
    if (!open || open.end) return;
    const choice = this.#options.first + index;
    const logprobs = this.#options.logprobs ? readLogprobs(chunk.logprobs) : null;
    // Without counts a chunk with text is taken for one token; what the usage counts on top is told at the end.
    const news = counted === null ? (logprobs?.length ?? 1) : Math.max(0, counted - open.told);
    let untold = news;
    for (const piece of this.#pieces(chunk, open)) {
      open.told += untold;
      yield {
        type: 'piece',
        choice,
        piece: { ...piece, count: untold, ...(logprobs && { logprobs: untold > 0 ? logprobs : [] }) },
      };
      untold = 0;
    }
    if (typeof chunk.finish_reason !== 'string') return;
    if (failures.has(chunk.finish_reason)) {
      yield { type: 'failed', said: { message: `the answer ended by '${chunk.finish_reason}'` } };
      return;
    }
    open.end = endOf(chunk, open);
    this.#ended.push(index);
    yield { type: 'choice-end', choice, end: open.end };
  }

  *#pieces(chunk: ChunkChoice, open: OpenChoice): Generator<Omit<DecodedPiece, 'count' | 'logprobs'>> {
    const delta = chunk.delta ?? chunk.message ?? { content: chunk.text ?? null };
    const reasoning = delta.reasoning_content || delta.reasoning;
    if (typeof reasoning === 'string' && reasoning !== '') yield { text: reasoning, channel: 'reasoning' };
    if (typeof delta.content === 'string' && delta.content !== '') yield { text: delta.content, channel: 'content' };
    for (const call of delta.tool_calls ?? []) {
      const { head, text } = this.#call(call, open);
      yield { text, channel: 'tool-call', toolCall: head };
    }
  }

  #call({ index, id, function: called = {} }: DeltaCall, open: OpenChoice): { head: ToolCallHead; text: string } {
    // Servers that send whole calls may leave the index out.
    const at =
      index ??
      (id && !open.calls.some((one) => one.id === id) ? open.calls.length : Math.max(0, open.calls.length - 1));
    let known = open.calls.find((one) => one.index === at);
    if (!known) {
      known = { index: at, id: id || createToolCallId(), name: called.name ?? '', arguments: '' };
      open.calls.push(known);
    }
    const text = called.arguments ?? '';
    known.arguments += text;
    return { head: { index: at, id: known.id, name: known.name }, text };
  }

  #usage(usage: Record<string, unknown>, choices: readonly ChunkChoice[]): UpstreamUsage {
    const details = usage['prompt_tokens_details'] as { cached_tokens?: unknown } | null | undefined;
    const ended = this.#options.dialect.quirks.usagePerChoice && choices.length === 0 ? this.#ended.shift() : undefined;
    const only = this.#options.count === 1 ? 0 : ended;
    return {
      promptTokens: numberOf(usage['prompt_tokens']),
      cachedTokens: numberOf(details?.cached_tokens),
      completionTokens: numberOf(usage['completion_tokens']),
      last: choices.length === 0,
      ...(only !== undefined && { choice: this.#options.first + only }),
    };
  }
}

function endOf({ finish_reason, stop_reason, matched_stop }: ChunkChoice, { calls }: OpenChoice): DecodeEnd {
  const stopped = stop_reason ?? matched_stop;
  const toolCalls: ToolCall[] = calls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args }));
  const cut = finish_reason === 'length' || finish_reason === 'max_tokens';
  return {
    // Some servers say `stop` after the call that a named tool choice asked for.
    reason: cut ? 'length' : toolCalls.length > 0 ? 'tool-calls' : 'stop',
    ...(typeof stopped === 'string' && { stopString: stopped }),
    toolCalls: cut ? toolCalls.filter(({ arguments: args }) => isJson(args)) : toolCalls,
  };
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new HeadwayError('upstream-failed', 'the upstream sent an event that is not JSON; send the request again');
  }
}

/** An error takes the place of a chunk: `{error: …}`, or `{object: 'error', …}`. */
function isError(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { error, object } = data as { error?: unknown; object?: unknown };
  return (error !== undefined && error !== null) || object === 'error';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : null;
}
