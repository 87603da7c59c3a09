import type { DoneEvent, Usage } from '@headway/protocol';

import type { SseMessage } from '../../sse/sse-message.ts';
import type { ProgressMessages } from '../../progress/progress-messages.ts';
import type { ChunkOptions } from './chunk-options.ts';
import { systemFingerprint, timingsOf, usageOf } from './completion-parts.ts';

/** What is the same of every chunk of an answer, whatever its choices look like. */
export class ChunkFrame {
  readonly #options: ChunkOptions;
  readonly #head: { id: string; object: string };
  readonly #usages: Usage[] = [];

  constructor(options: ChunkOptions, { prefix, object }: { prefix: string; object: string }) {
    this.#options = options;
    this.#head = { id: prefix + options.id, object };
  }

  chunk(choices: object[]): object {
    const { created, model, includeUsage } = this.#options;
    const chunk = { ...this.#head, created, model, system_fingerprint: systemFingerprint, choices };
    return includeUsage ? { ...chunk, usage: null } : chunk;
  }

  /** How a choice ends: in its last chunk, and behind that of the last choice in what is said of all of them. */
  end(event: DoneEvent, last: object, progress: ProgressMessages, reasoningTokens = 0): SseMessage[] {
    const { usage, timings, remaining } = event;
    this.#usages.push(usage);
    const ended = progress.atEnd(event);
    if (remaining > 0) return [chunkMessage(last), ...ended];
    const summed = { ...this.chunk([]), usage: usageOf(this.#usages, reasoningTokens) };
    const chunks = this.#options.includeUsage ? [last, summed] : [last];
    const withTimings = [...chunks.slice(0, -1), { ...chunks.at(-1), timings: timingsOf(usage, timings) }];
    return [...withTimings.map(chunkMessage), ...ended];
  }
}

export function chunkMessage(chunk: object): SseMessage {
  return { data: JSON.stringify(chunk) };
}
