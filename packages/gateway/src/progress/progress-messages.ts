import {
  spanBeingRead,
  withSpan,
  type DoneEvent,
  type PrefillEvent,
  type SpanEvent,
  type SpanProgress,
} from '@headway/protocol';

import type { SseMessage } from '../sse/sse-message.ts';
import type { ProgressDialects } from './progress-dialects.ts';
import { exoProgressComment, exoStatsComment } from './exo-comments.ts';
import { LlamaProgressWriter, type LlamaProgress } from './llama-progress.ts';
import { namedProgress, prefillProgressEvent } from './named-progress.ts';
import { prefillStart } from './prefill-start.ts';
import { swiftLmProgress } from './swift-lm-progress.ts';

export interface ProgressMessagesOptions {
  dialects: ProgressDialects;
  /** The generation's id. */
  id: string;
  model: string;
  /** Makes the API's event that carries llama.cpp's `prompt_progress`. Left out by an API that has no such event. */
  withLlamaProgress?: (progress: LlamaProgress) => SseMessage;
  /** Makes the data of the event `prefill_progress`: the given fields and those that the API's clients expect. */
  withNamedProgress: (progress: ReturnType<typeof namedProgress>) => object;
}

/**
 * Prefill progress in each dialect that a client asked for. In the phase `prefill` it always starts at `processed` =
 * cached, even if the viewer missed that event, and ends at `processed` = total. For a request with `spans` it names the
 * one that is being read. One instance a stream.
 */
export class ProgressMessages {
  readonly #options: ProgressMessagesOptions;
  readonly #llama = new LlamaProgressWriter();
  #prefilling = false;
  #spans: readonly SpanProgress[] = [];
  /** The event with which the prefill began, until all spans were told. */
  #start: PrefillEvent | null = null;
  #completionTokens = 0;

  constructor(options: ProgressMessagesOptions) {
    this.#options = options;
  }

  of(event: PrefillEvent): SseMessage[] {
    const missedStart = event.phase === 'prefill' && !this.#prefilling && event.processed !== event.cached;
    this.#prefilling ||= event.phase === 'prefill';
    if (event.phase === 'prefill') this.#start = event.processed === event.cached ? event : null;
    const span = event.phase === 'prefill' ? spanBeingRead(this.#spans) : null;
    return [...(missedStart ? this.#report(prefillStart(event), null) : []), ...this.#report(event, span)];
  }

  /** Nothing, but for the last of the spans that are told at the start: it tells the start again, with the first span. */
  ofSpan(event: SpanEvent): SseMessage[] {
    this.#spans = withSpan(this.#spans, event);
    const start = this.#start;
    const atStart = this.#spans.every(({ processed, cached }) => processed === cached);
    if (!start || !atStart || this.#spans.length < event.of) return [];
    this.#start = null;
    return this.#report(start, spanBeingRead(this.#spans));
  }

  /** The messages at a choice's end: exo's statistics after the last choice. */
  atEnd(event: DoneEvent): SseMessage[] {
    this.#completionTokens += event.usage.completionTokens;
    if (!this.#options.dialects.comment || event.remaining > 0) return [];
    return [{ comment: exoStatsComment(event, this.#completionTokens) }];
  }

  #report(event: PrefillEvent, span: SpanProgress | null): SseMessage[] {
    const { dialects, id, model, withLlamaProgress, withNamedProgress } = this.#options;
    const messages: SseMessage[] = [];
    const llama = dialects.llamaCpp && withLlamaProgress && this.#llama.of(event, span);
    if (llama) messages.push(withLlamaProgress(llama));
    if (dialects.named) messages.push(named(withNamedProgress(namedProgress(id, event, span))));
    const comment = dialects.comment && exoProgressComment(model, event, span);
    if (comment) messages.push({ comment });
    const swiftLm = dialects.swiftLm && swiftLmProgress(event, span);
    if (swiftLm) messages.push(named(swiftLm));
    return messages;
  }
}

function named(data: object): SseMessage {
  return { event: prefillProgressEvent, data: JSON.stringify(data) };
}
