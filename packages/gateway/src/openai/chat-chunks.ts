import type { DoneEvent, GenerationEvent, PrefillEvent, TokenEvent, Usage } from '@headway/protocol';

import { finishReasonOf, timingsOf, usageOf } from './completion-parts.ts';
import { openAiErrorBody } from './openai-error.ts';

export interface ChatChunksOptions {
  /** The generation's id. */
  id: string;
  model: string;
  /** Seconds since 1970. */
  created: number;
  /** Answers that were asked for. */
  choices: number;
  /** Ends with a chunk that carries the usage. */
  includeUsage: boolean;
  /** Reports the prefill in llama.cpp's chunks (`prompt_progress`). */
  returnProgress: boolean;
}

/**
 * Turns a generation's events into the data of OpenAI's chunks.
 *
 * llama.cpp repeats `role` in each progress chunk; clients that add deltas up (openai for Python) make
 * "assistantassistant" of it. Here it comes once, on whichever chunk is the first.
 */
export class ChatChunks {
  readonly #options: ChatChunksOptions;
  /** Choices that have had their role. */
  readonly #roleSent = new Set<number>();
  #prefillFromMs: number | null = null;
  /** By choice and index of the call. */
  readonly #toolCallsBegun = new Set<string>();
  readonly #usages: Usage[] = [];

  constructor(options: ChatChunksOptions) {
    this.#options = options;
  }

  /** What can be said before the first event: the role, unless the first progress chunk brings it. */
  opening(): object[] {
    if (this.#options.returnProgress) return [];
    return Array.from({ length: this.#options.choices }, (_, index) => this.#choice(index, { content: '' }));
  }

  of(event: GenerationEvent): object[] {
    switch (event.type) {
      case 'prefill':
        return this.#progress(event);
      case 'token':
        return event.text === '' && event.channel !== 'tool-call'
          ? []
          : [this.#choice(event.index, this.#delta(event))];
      case 'done':
        return this.#end(event);
      case 'error':
        return [openAiErrorBody({ code: event.code, message: event.message, cause: undefined })];
      default:
        return event satisfies never;
    }
  }

  #progress({ phase, processed, cached, total, elapsedMs }: PrefillEvent): object[] {
    if (!this.#options.returnProgress || phase !== 'processing') return [];
    this.#prefillFromMs ??= elapsedMs;
    const progress = { total, cache: cached, processed, time_ms: Math.round(elapsedMs - this.#prefillFromMs) };
    return [{ ...this.#choice(0, { content: null }), prompt_progress: progress }];
  }

  #end({ index, finishReason, usage, timings, remaining }: DoneEvent): object[] {
    this.#usages.push(usage);
    const last = this.#choice(index, {}, finishReasonOf(finishReason));
    if (remaining > 0) return [last];
    const chunks = this.#options.includeUsage ? [last, { ...this.#chunk([]), usage: usageOf(this.#usages) }] : [last];
    return [...chunks.slice(0, -1), { ...chunks.at(-1), timings: timingsOf(usage, timings) }];
  }

  #choice(index: number, delta: object, finishReason: string | null = null): object {
    const role = this.#roleSent.has(index) ? {} : { role: 'assistant' };
    this.#roleSent.add(index);
    return {
      ...this.#chunk([{ index, delta: { ...role, ...delta }, finish_reason: finishReason }]),
      ...(this.#options.includeUsage && { usage: null }),
    };
  }

  #chunk(choices: object[]): object {
    const { id, created, model } = this.#options;
    return { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model, choices };
  }

  #delta({ index: choice, text, channel, toolCall }: TokenEvent): object {
    switch (channel) {
      case 'content':
        return { content: text };
      case 'reasoning':
        return { reasoning_content: text };
      case 'tool-call': {
        const { index = 0, id, name } = toolCall ?? {};
        const call = `${choice}:${index}`;
        const begun = this.#toolCallsBegun.has(call);
        this.#toolCallsBegun.add(call);
        const head = begun ? {} : { id, type: 'function' };
        return { tool_calls: [{ index, ...head, function: { ...(!begun && { name }), arguments: text } }] };
      }
      default:
        return channel satisfies never;
    }
  }
}
