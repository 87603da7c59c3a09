import type { DoneEvent, GenerationEvent, HeadwayError, TokenEvent, Usage } from '@headway/protocol';

import { endsCancelled } from '../http/cancelled-elsewhere.ts';
import type { SseMessage } from '../http/sse-message.ts';
import type { StreamDialect } from '../http/stream-dialect.ts';
import { ProgressMessages } from '../progress/progress-messages.ts';
import type { ChunkOptions } from './chunk-options.ts';
import { CompletionLogprobs } from './completion-logprobs.ts';
import { finishReasonOf, timingsOf, usageOf } from './completion-parts.ts';
import { openAiCancelledBody, openAiErrorBody } from './openai-error.ts';
import { TimingsSoFar } from './timings-so-far.ts';

export interface CompletionChunksOptions extends ChunkOptions {
  /** What each answer begins with: the prompt, or nothing. */
  echo: string;
}

/** An answer to `/v1/completions` in OpenAI's old chunks. */
export class CompletionChunks implements StreamDialect {
  readonly #options: CompletionChunksOptions;
  readonly #progress: ProgressMessages;
  readonly #timings = new TimingsSoFar();
  readonly #logprobs: readonly CompletionLogprobs[];
  readonly #usages: Usage[] = [];

  constructor(options: CompletionChunksOptions) {
    this.#options = options;
    this.#logprobs = Array.from({ length: options.choices }, () => new CompletionLogprobs());
    this.#progress = new ProgressMessages({
      asked: options.progress,
      id: options.id,
      model: options.model,
      withLlamaProgress: (progress) => data({ ...this.#choice(0, ''), prompt_progress: progress }),
      withNamedProgress: (progress) => ({ ...this.#chunk([]), ...progress }),
    });
  }

  opening(): SseMessage[] {
    const { choices, echo } = this.#options;
    return echo === '' ? [] : Array.from({ length: choices }, (_, index) => data(this.#choice(index, echo)));
  }

  of(event: GenerationEvent): SseMessage[] {
    switch (event.type) {
      case 'prefill':
        this.#timings.add(event);
        return this.#progress.of(event);
      case 'token':
        return this.#token(event);
      case 'done':
        return endsCancelled(event) ? [data(openAiCancelledBody())] : this.#end(event);
      case 'error':
        return [data(openAiErrorBody(event))];
      default:
        return event satisfies never;
    }
  }

  failure(error: HeadwayError): SseMessage[] {
    return [data(openAiErrorBody(error))];
  }

  closing(): SseMessage[] {
    return [{ data: '[DONE]' }];
  }

  heartbeat(): SseMessage {
    return data(this.#chunk([]));
  }

  #token(event: TokenEvent): SseMessage[] {
    const { index, text, channel, logprobs } = event;
    if (channel !== 'content') return [];
    if (text === '' && !logprobs?.length) return [];
    const timings = this.#options.timingsPerToken && { timings: this.#timings.at(event) };
    return [data({ ...this.#choice(index, text, { logprobs }), ...timings })];
  }

  #end(event: DoneEvent): SseMessage[] {
    const { index, finishReason, usage, timings, remaining } = event;
    this.#usages.push(usage);
    const last = this.#choice(index, '', { finishReason: finishReasonOf(finishReason) });
    if (remaining > 0) return [data(last)];
    const chunks = this.#options.includeUsage
      ? [last, { ...this.#chunk([]), usage: usageOf(this.#usages, 0) }]
      : [last];
    const withTimings = [...chunks.slice(0, -1), { ...chunks.at(-1), timings: timingsOf(usage, timings) }];
    return [...withTimings.map(data), ...this.#progress.atEnd(event)];
  }

  #choice(
    index: number,
    text: string,
    { finishReason = null, logprobs }: { finishReason?: string | null; logprobs?: TokenEvent['logprobs'] } = {},
  ): object {
    const shaped = logprobs ? this.#logprobs[index]?.of(logprobs) : null;
    return this.#chunk([{ index, text, logprobs: shaped ?? null, finish_reason: finishReason }]);
  }

  #chunk(choices: object[]): object {
    const { id, created, model, includeUsage } = this.#options;
    const head = { id: `cmpl-${id}`, object: 'text_completion', created, model, choices };
    return includeUsage ? { ...head, usage: null } : head;
  }
}

function data(chunk: object): SseMessage {
  return { data: JSON.stringify(chunk) };
}
