import type { DoneEvent, GenerationEvent, PrefillEvent, TokenEvent } from '@headway/protocol';

import { finishReasonOf, timingsOf, usageOf } from './completion-parts.ts';
import { openAiErrorBody } from './openai-error.ts';

export interface ChatChunksOptions {
  /** The generation's id. */
  id: string;
  model: string;
  /** Seconds since 1970. */
  created: number;
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
  #roleSent = false;
  #prefillFromMs: number | null = null;
  readonly #toolCallsBegun = new Set<number>();

  constructor(options: ChatChunksOptions) {
    this.#options = options;
  }

  /** What can be said before the first event: the role, unless the first progress chunk brings it. */
  opening(): object[] {
    return this.#options.returnProgress ? [] : [this.#choice({ content: '' })];
  }

  of(event: GenerationEvent): object[] {
    switch (event.type) {
      case 'prefill':
        return this.#progress(event);
      case 'token':
        return event.text === '' && event.channel !== 'tool-call' ? [] : [this.#choice(this.#delta(event))];
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
    return [{ ...this.#choice({ content: null }), prompt_progress: progress }];
  }

  #end({ finishReason, usage, timings }: DoneEvent): object[] {
    const last = this.#choice({}, finishReasonOf(finishReason));
    const chunks = this.#options.includeUsage ? [last, { ...this.#chunk([]), usage: usageOf(usage) }] : [last];
    return [...chunks.slice(0, -1), { ...chunks.at(-1), timings: timingsOf(usage, timings) }];
  }

  #choice(delta: object, finishReason: string | null = null): object {
    const role = this.#roleSent ? {} : { role: 'assistant' };
    this.#roleSent = true;
    return {
      ...this.#chunk([{ index: 0, delta: { ...role, ...delta }, finish_reason: finishReason }]),
      ...(this.#options.includeUsage && { usage: null }),
    };
  }

  #chunk(choices: object[]): object {
    const { id, created, model } = this.#options;
    return { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model, choices };
  }

  #delta({ text, channel, toolCall }: TokenEvent): object {
    switch (channel) {
      case 'content':
        return { content: text };
      case 'reasoning':
        return { reasoning_content: text };
      case 'tool-call': {
        const { index = 0, id, name } = toolCall ?? {};
        const begun = this.#toolCallsBegun.has(index);
        this.#toolCallsBegun.add(index);
        const head = begun ? {} : { id, type: 'function' };
        return { tool_calls: [{ index, ...head, function: { ...(!begun && { name }), arguments: text } }] };
      }
      default:
        return channel satisfies never;
    }
  }
}
