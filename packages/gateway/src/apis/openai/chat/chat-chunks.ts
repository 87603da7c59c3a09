import type { DoneEvent, GenerationEvent, HeadwayError, TokenEvent, ToolCallHead } from '@headway/protocol';

import { endsCancelled } from '../../../surface/cancelled-elsewhere.ts';
import type { SseMessage } from '../../../sse/sse-message.ts';
import type { StreamDialect } from '../../../surface/stream/stream-dialect.ts';
import { UntoldCalls } from '../../../surface/stream/unstreamed-tool-calls.ts';
import { ProgressMessages } from '../../../progress/progress-messages.ts';
import { chatLogprobs } from '../chat-logprobs.ts';
import { ChunkFrame, chunkMessage } from '../chunk-frame.ts';
import type { ChunkOptions } from '../chunk-options.ts';
import { finishReasonOf } from '../completion-parts.ts';
import { openAiCancelledBody, openAiErrorBody } from '../openai-error.ts';
import { TimingsSoFar } from '../timings-so-far.ts';

/**
 * A chat's answer in OpenAI's chunks.
 *
 * llama.cpp repeats `role` in each progress chunk; clients that add deltas up (openai for Python) make
 * "assistantassistant" of it. Here it comes once, on whichever chunk is the first.
 */
export class ChatChunks implements StreamDialect {
  readonly #options: ChunkOptions;
  readonly #frame: ChunkFrame;
  readonly #progress: ProgressMessages;
  readonly #timings = new TimingsSoFar();
  /** Choices that have had their role. */
  readonly #roleSent = new Set<number>();
  /** By choice and index of the call. */
  readonly #toolCallsBegun = new Set<string>();
  readonly #untoldCalls = new UntoldCalls();
  #reasoningTokens = 0;

  constructor(options: ChunkOptions) {
    this.#options = options;
    this.#frame = new ChunkFrame(options, { prefix: 'chatcmpl-', object: 'chat.completion.chunk' });
    this.#progress = new ProgressMessages({
      asked: options.progress,
      id: options.id,
      model: options.model,
      withLlamaProgress: (progress) =>
        chunkMessage({ ...this.#choice(0, { content: null }), prompt_progress: progress }),
      withNamedProgress: (progress) => ({ ...this.#frame.chunk([]), ...progress }),
    });
  }

  /**
   * Each choice's role, unless the first progress chunk brings it. Not with the first text: openai for JavaScript counts
   * the log-probabilities of a choice's first chunk twice.
   */
  opening(): SseMessage[] {
    const { choices, progress } = this.#options;
    const roles = Array.from({ length: choices }, (_, index) => index).slice(progress.llamaCpp ? 1 : 0);
    return roles.map((index) => chunkMessage(this.#choice(index, { content: null })));
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
    const { index, text, count, channel } = event;
    this.#untoldCalls.add(event);
    if (channel === 'reasoning') this.#reasoningTokens += count;
    // OpenAI's are those of the content.
    const logprobs = channel === 'content' ? event.logprobs : undefined;
    if (text === '' && channel !== 'tool-call' && !logprobs?.length) return [];
    const timings = this.#options.timingsPerToken && { timings: this.#timings.at(event) };
    return [chunkMessage({ ...this.#choice(index, this.#delta(event), { logprobs }), ...timings })];
  }

  #end(event: DoneEvent): SseMessage[] {
    const calls = this.#untoldCalls.of(event).flatMap((call) => this.#token(call));
    const last = this.#choice(event.index, {}, { finishReason: finishReasonOf(event.finishReason) });
    return [...calls, ...this.#frame.end(event, last, this.#progress, this.#reasoningTokens)];
  }

  #choice(
    index: number,
    delta: object,
    { finishReason = null, logprobs }: { finishReason?: string | null; logprobs?: TokenEvent['logprobs'] } = {},
  ): object {
    const role = this.#roleSent.has(index) ? {} : { role: 'assistant' };
    this.#roleSent.add(index);
    const choice = {
      index,
      delta: { ...role, ...delta },
      ...(logprobs && { logprobs: chatLogprobs(logprobs) }),
      finish_reason: finishReason,
    };
    return this.#frame.chunk([choice]);
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

  #callDelta(choice: number, { index = 0, id, name }: Partial<ToolCallHead>, text: string): object {
    const call = `${choice}:${index}`;
    const begun = this.#toolCallsBegun.has(call);
    this.#toolCallsBegun.add(call);
    const head = begun ? {} : { id, type: 'function' };
    return { tool_calls: [{ index, ...head, function: { ...(!begun && { name }), arguments: text } }] };
  }
}
