import type { DoneEvent, GenerationEvent, HeadwayError, TokenEvent, Usage } from '@headway/protocol';

import { CancelledWhole } from '../../surface/cancelled-by-viewer.ts';
import type { SseMessage } from '../../sse/sse-message.ts';
import type { StreamDialect } from '../../surface/stream/stream-dialect.ts';
import { UnstreamedToolCalls } from '../../surface/stream/unstreamed-tool-calls.ts';
import { ProgressMessages } from '../../progress/progress-messages.ts';
import type { ChunkOptions } from './chunk-options.ts';
import { finishReasonOf, systemFingerprint, timingsOf, usageOf } from './completion-parts.ts';
import { openAiCancelledBody, openAiErrorBody } from './openai-error.ts';
import { TimingsSoFar } from './timings-so-far.ts';

/** The finish reasons that these APIs know. */
export type ChunkFinishReason = ReturnType<typeof finishReasonOf>;

/**
 * What differs between the chunks of chat and those of completions. One instance a stream: it knows which choices have
 * had their first chunk.
 */
export interface ChunkFormat {
  /** Stands before the generation's id. */
  readonly idPrefix: string;
  readonly object: string;
  /** The `choices` of the chunks that are sent before the first event, one a chunk. */
  opening(): object[];
  /** A choice without text, which carries llama.cpp's `prompt_progress`. */
  empty(index: number): object;
  /** The choice with a token's text; null for a token that this API does not show. */
  token(event: TokenEvent): object | null;
  /** The last chunk of a choice. */
  end(index: number, finishReason: ChunkFinishReason): object;
}

/** A generation's events as OpenAI's chunks, for chat and for completions. */
export class ChunkStream implements StreamDialect {
  readonly #options: ChunkOptions;
  readonly #format: ChunkFormat;
  readonly #progress: ProgressMessages;
  readonly #timings = new TimingsSoFar();
  readonly #unstreamedCalls = new UnstreamedToolCalls();
  readonly #cancelled = new CancelledWhole();
  /** Of the choices that have ended. */
  readonly #usages: Usage[] = [];
  #reasoningTokens = 0;
  readonly #encoded: { head: string; tail: string };

  constructor(options: ChunkOptions, format: ChunkFormat) {
    this.#options = options;
    this.#format = format;
    this.#progress = new ProgressMessages({
      dialects: options.progress,
      id: options.id,
      model: options.model,
      withLlamaProgress: (progress) =>
        messageOf({ ...this.#chunk([this.#format.empty(0)]), prompt_progress: progress }),
      withNamedProgress: (progress) => ({ ...this.#chunk([]), ...progress }),
    });
    this.#encoded = this.#encode();
  }

  opening(): SseMessage[] {
    return this.#format.opening().map((choice) => messageOf(this.#chunk([choice])));
  }

  of(event: GenerationEvent): SseMessage[] {
    switch (event.type) {
      case 'prefill':
        this.#timings.add(event);
        return this.#progress.of(event);
      case 'span':
        return this.#progress.ofSpan(event);
      case 'token':
        return this.#token(event);
      case 'done':
        return this.#cancelled.endsWith(event) ? [messageOf(openAiCancelledBody())] : this.#end(event);
      case 'error':
        return [messageOf(openAiErrorBody(event, this.#options.names))];
      default:
        return event satisfies never;
    }
  }

  failure(error: HeadwayError): SseMessage[] {
    return [messageOf(openAiErrorBody(error, this.#options.names))];
  }

  closing(): SseMessage[] {
    return [{ data: '[DONE]' }];
  }

  heartbeat(): SseMessage {
    return messageOf(this.#chunk([]));
  }

  #token(event: TokenEvent): SseMessage[] {
    this.#unstreamedCalls.add(event);
    if (event.channel === 'reasoning') this.#reasoningTokens += event.count;
    const choice = this.#format.token(event);
    if (!choice) return [];
    const timings = this.#options.timingsPerToken ? `,"timings":${JSON.stringify(this.#timings.at(event))}` : '';
    const { head, tail } = this.#encoded;
    return [{ data: `${head}${JSON.stringify(choice)}${tail}${timings}}` }];
  }

  /**
   * A choice's last chunk. The last choice is followed by the usage of all choices, if the client asked for it. The
   * stream's last chunk has llama.cpp's `timings`.
   */
  #end(event: DoneEvent): SseMessage[] {
    const { index, finishReason, usage, timings, remaining } = event;
    const calls = this.#unstreamedCalls.of(event).flatMap((call) => this.#token(call));
    const last = this.#chunk([this.#format.end(index, finishReasonOf(finishReason))]);
    this.#usages.push(usage);
    const stats = this.#progress.atEnd(event);
    if (remaining > 0) return [...calls, messageOf(last), ...stats];
    const ofAll = { ...this.#chunk([]), usage: usageOf(this.#usages, this.#reasoningTokens) };
    const chunks = this.#options.includeUsage ? [last, ofAll] : [last];
    const withTimings = [...chunks.slice(0, -1), { ...chunks.at(-1), timings: timingsOf(usage, timings) }];
    return [...calls, ...withTimings.map(messageOf), ...stats];
  }

  /** What all chunks have before their choice and after it, as JSON without the last brace. */
  #encode(): { head: string; tail: string } {
    const empty = JSON.stringify(this.#chunk([]));
    const head = `${empty.slice(0, empty.lastIndexOf('[]'))}[`;
    return { head, tail: empty.slice(head.length, -1) };
  }

  #chunk(choices: object[]): object {
    const { idPrefix, object } = this.#format;
    const { id, created, model, includeUsage } = this.#options;
    const chunk = { id: idPrefix + id, object, created, model, system_fingerprint: systemFingerprint, choices };
    return includeUsage ? { ...chunk, usage: null } : chunk;
  }
}

function messageOf(data: object): SseMessage {
  return { data: JSON.stringify(data) };
}
