import type { TokenEvent, ToolCallHead } from '@headway/protocol';

import { chatLogprobs } from '../chat-logprobs.ts';
import type { ChunkOptions } from '../chunk-options.ts';
import type { ChunkFinishReason, ChunkFormat } from '../chunk-stream.ts';

interface ChoiceFields {
  finishReason?: ChunkFinishReason | null;
  logprobs?: TokenEvent['logprobs'];
}

/**
 * OpenAI's chunks of chat.
 *
 * llama.cpp repeats `role` in each progress chunk; clients that concatenate deltas (openai for Python) then read
 * "assistantassistant". Headway sends it once, in the first chunk of each choice.
 */
export class ChatChunkFormat implements ChunkFormat {
  readonly idPrefix = 'chatcmpl-';
  readonly object = 'chat.completion.chunk';
  readonly #options: Pick<ChunkOptions, 'choices' | 'progress'>;
  /** Choices whose role has been sent. */
  readonly #roleSent = new Set<number>();
  /** By choice and index of the call. */
  readonly #callsBegun = new Set<string>();

  constructor(options: Pick<ChunkOptions, 'choices' | 'progress'>) {
    this.#options = options;
  }

  /**
   * Each choice's role, unless the first progress chunk carries it. The role does not share a chunk with the first
   * text: openai for JavaScript counts the log-probabilities of a choice's first chunk twice.
   */
  opening(): object[] {
    const { choices, progress } = this.#options;
    const indices = Array.from({ length: choices }, (_, index) => index).slice(progress.llamaCpp ? 1 : 0);
    return indices.map((index) => this.empty(index));
  }

  empty(index: number): object {
    return this.#choice(index, { content: null });
  }

  token(event: TokenEvent): object | null {
    const { index, text, channel } = event;
    // OpenAI reports log-probabilities of the content only.
    const logprobs = channel === 'content' ? event.logprobs : undefined;
    if (text === '' && channel !== 'tool-call' && !logprobs?.length) return null;
    return this.#choice(index, this.#delta(event), { logprobs });
  }

  end(index: number, finishReason: ChunkFinishReason): object {
    return this.#choice(index, {}, { finishReason });
  }

  #choice(index: number, delta: object, { finishReason = null, logprobs }: ChoiceFields = {}): object {
    const role = this.#roleSent.has(index) ? {} : { role: 'assistant' };
    this.#roleSent.add(index);
    return {
      index,
      delta: { ...role, ...delta },
      ...(logprobs && { logprobs: chatLogprobs(logprobs) }),
      finish_reason: finishReason,
    };
  }

  #delta({ index: choice, text, channel, toolCall }: TokenEvent): object {
    switch (channel) {
      case 'content':
        return { content: text };
      case 'reasoning':
        return { reasoning_content: text };
      case 'tool-call':
        return this.#callDelta(choice, toolCall ?? {}, text);
      default:
        return channel satisfies never;
    }
  }

  /** Only the first delta of a call has its id and name. */
  #callDelta(choice: number, { index = 0, id, name }: Partial<ToolCallHead>, text: string): object {
    const call = `${choice}:${index}`;
    const begun = this.#callsBegun.has(call);
    this.#callsBegun.add(call);
    const head = begun ? {} : { id, type: 'function' };
    return { tool_calls: [{ index, ...head, function: { ...(!begun && { name }), arguments: text } }] };
  }
}
