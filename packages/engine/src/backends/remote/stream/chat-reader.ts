import { HeadwayError, type TokenLogprob } from '@headway/protocol';

import type { DecodedPiece, DecodeEnd } from '../../../backend/backend.ts';
import { readLogprobs } from './read-logprobs.ts';
import { ToolCalls, type CallPart } from './tool-calls.ts';
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
  choices?: (ChunkChoice | null)[] | null;
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
  content?: Content;
  reasoning_content?: Content;
  reasoning?: Content;
  tool_calls?: (CallPart | null)[] | null;
}

/** A text, or parts that may have one. */
type Content = string | ({ text?: unknown } | null)[] | null;

interface OpenChoice {
  calls: ToolCalls;
  /** Completion tokens that pieces have told. */
  told: number;
  /** Log-probabilities of tokens that no piece has told yet, such as half a character. */
  untold: TokenLogprob[];
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
    this.#choices = Array.from({ length: options.count }, () => ({
      calls: new ToolCalls(),
      told: 0,
      untold: [],
      end: null,
    }));
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
    const { usage, timings } = chunk;
    const choices = (chunk.choices ?? []).filter((one) => one !== null);
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
    const guessed = open.untold.length + (logprobs?.length ?? 1);
    open.untold.push(...(logprobs ?? []));
    let count = counted === null ? guessed : Math.max(0, counted - open.told);
    const tell = (piece: Omit<DecodedPiece, 'count' | 'logprobs'>): UpstreamSignal => {
      const listed = open.untold;
      const told = { ...piece, count, ...((logprobs || listed.length > 0) && { logprobs: listed }) };
      open.told += count;
      open.untold = [];
      count = 0;
      return { type: 'piece', choice, piece: told };
    };
    for (const piece of piecesOf(chunk, open)) yield tell(piece);
    const { finish_reason: reason } = chunk;
    // Some servers write an empty reason into every chunk.
    if (typeof reason !== 'string' || reason === '') return;
    if (failures.has(reason)) {
      yield { type: 'failed', said: { message: `the answer ended by '${reason}'` } };
      return;
    }
    open.end = endOf(chunk, open);
    // The limit came within a character. Elsewhere what is left are the tokens that ended the answer.
    if (open.end.reason === 'length' && open.untold.length > 0) {
      if (counted === null) count = open.untold.length;
      yield tell({ text: '', channel: 'content' });
    }
    this.#ended.push(index);
    yield { type: 'choice-end', choice, end: open.end };
  }

  #usage(usage: Record<string, unknown>, choices: readonly unknown[]): UpstreamUsage {
    const details = usage['prompt_tokens_details'] as { cached_tokens?: unknown } | null | undefined;
    const ended = this.#options.dialect.quirks.usagePerChoice && choices.length === 0 ? this.#ended.shift() : undefined;
    const only = this.#options.count === 1 ? 0 : ended;
    const promptTokens = numberOf(usage['prompt_tokens']);
    const cachedTokens = numberOf(details?.cached_tokens);
    return {
      promptTokens,
      cachedTokens: cachedTokens === null ? null : Math.min(cachedTokens, promptTokens ?? Infinity),
      completionTokens: numberOf(usage['completion_tokens']),
      last: choices.length === 0,
      ...(only !== undefined && { choice: this.#options.first + only }),
    };
  }
}

function* piecesOf(
  chunk: ChunkChoice,
  { calls }: OpenChoice,
): Generator<Pick<DecodedPiece, 'text' | 'channel' | 'toolCall'>> {
  const delta = chunk.delta ?? chunk.message ?? { content: chunk.text ?? null };
  const reasoning = textOf(delta.reasoning_content) || textOf(delta.reasoning);
  if (reasoning !== '') yield { text: reasoning, channel: 'reasoning' };
  const content = textOf(delta.content);
  if (content !== '') yield { text: content, channel: 'content' };
  for (const part of delta.tool_calls ?? []) {
    const told = part && calls.take(part);
    if (told) yield { text: told.text, channel: 'tool-call', toolCall: told.head };
  }
}

function textOf(content: Content | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

function endOf({ finish_reason, stop_reason, matched_stop }: ChunkChoice, { calls }: OpenChoice): DecodeEnd {
  const stopped = stop_reason ?? matched_stop;
  const toolCalls = calls.list;
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
