import { HeadwayError } from '@headway/protocol';

import type { AnswerReader, StreamItem, UpstreamSignal } from './upstream-signal.ts';

export interface LmStudioReaderOptions {
  /** The request's choice that the answer is. */
  choice: number;
  maxTokens: number | undefined;
  /** Tokens of prompt and answer together; null when unknown. */
  contextSize: number | null;
}

interface ChatEvent {
  type?: string;
  /** Shares, 0 to 1. */
  progress?: unknown;
  content?: unknown;
  error?: unknown;
  result?: { stats?: { input_tokens?: unknown; total_output_tokens?: unknown } };
}

/** Reads the named events of LM Studio's own API. See https://lmstudio.ai/docs/developer/rest/streaming-events */
export class LmStudioReader implements AnswerReader {
  readonly #options: LmStudioReaderOptions;

  constructor(options: LmStudioReaderOptions) {
    this.#options = options;
  }

  *read(item: StreamItem): Generator<UpstreamSignal> {
    if (item.kind === 'comment') return;
    const event = parse(item.data);
    const type = event.type ?? item.name;
    switch (type) {
      case 'model_load.start':
        yield { type: 'loading', loaded: 0 };
        return;
      case 'model_load.progress':
        yield { type: 'loading', loaded: shareOf(event.progress) };
        return;
      case 'prompt_processing.start':
        yield { type: 'share', share: 0 };
        return;
      case 'prompt_processing.progress':
        yield { type: 'share', share: shareOf(event.progress) ?? 0 };
        return;
      case 'reasoning.delta':
        yield* this.#piece(event.content, 'reasoning');
        return;
      case 'message.delta':
        yield* this.#piece(event.content, 'content');
        return;
      case 'chat.end':
        yield* this.#end(event);
        return;
      default:
        if (type === 'error' || event.error !== undefined) yield { type: 'failed', said: event };
    }
  }

  *#piece(text: unknown, channel: 'content' | 'reasoning'): Generator<UpstreamSignal> {
    if (typeof text !== 'string' || text === '') return;
    yield { type: 'piece', choice: this.#options.choice, piece: { text, count: 1, channel } };
  }

  *#end({ result }: ChatEvent): Generator<UpstreamSignal> {
    const { choice, maxTokens = Infinity, contextSize } = this.#options;
    const promptTokens = countOf(result?.stats?.input_tokens);
    const completionTokens = countOf(result?.stats?.total_output_tokens);
    // It tells no reason, only how much was written.
    const written = completionTokens ?? 0;
    const full = contextSize !== null && (promptTokens ?? 0) + written >= contextSize;
    const reason = written >= maxTokens || full ? 'length' : 'stop';
    yield { type: 'choice-end', choice, end: { reason, toolCalls: [] } };
    yield { type: 'usage', usage: { promptTokens, cachedTokens: null, completionTokens, choice, last: true } };
    yield { type: 'end' };
  }
}

function parse(data: string): ChatEvent {
  try {
    return (JSON.parse(data) ?? {}) as ChatEvent;
  } catch {
    throw new HeadwayError('upstream-failed', 'the upstream sent an event that is not JSON; send the request again');
  }
}

function shareOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? Math.min(1, value) : null;
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}
