import type { DoneEvent, PrefillEvent } from '@headway/protocol';

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
 * cached, even if the viewer missed that event, and ends at `processed` = total. One instance a stream.
 */
export class ProgressMessages {
  readonly #options: ProgressMessagesOptions;
  readonly #llama = new LlamaProgressWriter();
  #prefilling = false;
  #completionTokens = 0;

  constructor(options: ProgressMessagesOptions) {
    this.#options = options;
  }

  of(event: PrefillEvent): SseMessage[] {
    const missedStart = event.phase === 'prefill' && !this.#prefilling && event.processed !== event.cached;
    this.#prefilling ||= event.phase === 'prefill';
    return [...(missedStart ? this.#report(prefillStart(event)) : []), ...this.#report(event)];
  }

  /** The messages at a choice's end: exo's statistics after the last choice. */
  atEnd(event: DoneEvent): SseMessage[] {
    this.#completionTokens += event.usage.completionTokens;
    if (!this.#options.dialects.comment || event.remaining > 0) return [];
    return [{ comment: exoStatsComment(event, this.#completionTokens) }];
  }

  #report(event: PrefillEvent): SseMessage[] {
    const { dialects, id, model, withLlamaProgress, withNamedProgress } = this.#options;
    const messages: SseMessage[] = [];
    const llama = dialects.llamaCpp && withLlamaProgress && this.#llama.of(event);
    if (llama) messages.push(withLlamaProgress(llama));
    if (dialects.named) messages.push(named(withNamedProgress(namedProgress(id, event))));
    const comment = dialects.comment && exoProgressComment(model, event);
    if (comment) messages.push({ comment });
    const swiftLm = dialects.swiftLm && swiftLmProgress(event);
    if (swiftLm) messages.push(named(swiftLm));
    return messages;
  }
}

function named(data: object): SseMessage {
  return { event: prefillProgressEvent, data: JSON.stringify(data) };
}
