import type { DoneEvent, GenerationEvent, HeadwayError, TokenEvent } from '@headway/protocol';

import { endsCancelled } from '../../../surface/cancelled-elsewhere.ts';
import type { SseMessage } from '../../../sse/sse-message.ts';
import type { StreamDialect } from '../../../surface/stream/stream-dialect.ts';
import { ProgressMessages } from '../../../progress/progress-messages.ts';
import { ChunkFrame, chunkMessage } from '../chunk-frame.ts';
import type { ChunkOptions } from '../chunk-options.ts';
import { CompletionLogprobs } from './completion-logprobs.ts';
import { finishReasonOf } from '../completion-parts.ts';
import { openAiCancelledBody, openAiErrorBody } from '../openai-error.ts';
import { TimingsSoFar } from '../timings-so-far.ts';

export interface CompletionChunksOptions extends ChunkOptions {
  /** What each answer begins with: the prompt, or nothing. */
  echo: string;
}

/** An answer to `/v1/completions` in OpenAI's old chunks. */
export class CompletionChunks implements StreamDialect {
  readonly #options: CompletionChunksOptions;
  readonly #frame: ChunkFrame;
  readonly #progress: ProgressMessages;
  readonly #timings = new TimingsSoFar();
  readonly #logprobs: readonly CompletionLogprobs[];

  constructor(options: CompletionChunksOptions) {
    this.#options = options;
    this.#frame = new ChunkFrame(options, { prefix: 'cmpl-', object: 'text_completion' });
    this.#logprobs = Array.from({ length: options.choices }, () => new CompletionLogprobs());
    this.#progress = new ProgressMessages({
      asked: options.progress,
      id: options.id,
      model: options.model,
      withLlamaProgress: (progress) => chunkMessage({ ...this.#choice(0, ''), prompt_progress: progress }),
      withNamedProgress: (progress) => ({ ...this.#frame.chunk([]), ...progress }),
    });
  }

  opening(): SseMessage[] {
    const { choices, echo } = this.#options;
    return echo === '' ? [] : Array.from({ length: choices }, (_, index) => chunkMessage(this.#choice(index, echo)));
  }

  of(event: GenerationEvent): SseMessage[] {
    switch (event.type) {
      case 'prefill':
        this.#timings.add(event);
        return this.#progress.of(event);
      case 'token':
        return this.#token(event);
      case 'done':
        return endsCancelled(event) ? [chunkMessage(openAiCancelledBody())] : this.#end(event);
      case 'error':
        return [chunkMessage(openAiErrorBody(event, this.#options.names))];
      default:
        return event satisfies never;
    }
  }

  failure(error: HeadwayError): SseMessage[] {
    return [chunkMessage(openAiErrorBody(error, this.#options.names))];
  }

  closing(): SseMessage[] {
    return [{ data: '[DONE]' }];
  }

  heartbeat(): SseMessage {
    return chunkMessage(this.#frame.chunk([]));
  }

  #token(event: TokenEvent): SseMessage[] {
    const { index, text, channel, logprobs } = event;
    if (channel !== 'content') return [];
    if (text === '' && !logprobs?.length) return [];
    const timings = this.#options.timingsPerToken && { timings: this.#timings.at(event) };
    return [chunkMessage({ ...this.#choice(index, text, { logprobs }), ...timings })];
  }

  #end(event: DoneEvent): SseMessage[] {
    const last = this.#choice(event.index, '', { finishReason: finishReasonOf(event.finishReason) });
    return this.#frame.end(event, last, this.#progress);
  }

  #choice(
    index: number,
    text: string,
    { finishReason = null, logprobs }: { finishReason?: string | null; logprobs?: TokenEvent['logprobs'] } = {},
  ): object {
    const shaped = logprobs ? this.#logprobs[index]?.of(logprobs) : null;
    return this.#frame.chunk([{ index, text, logprobs: shaped ?? null, finish_reason: finishReason }]);
  }
}
