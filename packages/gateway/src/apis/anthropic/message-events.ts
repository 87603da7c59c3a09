import type { DoneEvent, GenerationEvent, HeadwayError, PrefillEvent, TokenEvent } from '@headway/protocol';

import { endsCancelled } from '../../surface/cancelled-by-viewer.ts';
import type { FieldNames } from '../../surface/field-names.ts';
import type { SseMessage } from '../../sse/sse-message.ts';
import type { StreamDialect } from '../../surface/stream/stream-dialect.ts';
import { UnstreamedToolCalls } from '../../surface/stream/unstreamed-tool-calls.ts';
import type { ProgressDialects } from '../../progress/progress-dialects.ts';
import { prefillProgressEvent } from '../../progress/named-progress.ts';
import { ProgressMessages } from '../../progress/progress-messages.ts';
import { anthropicCancelledBody, anthropicErrorBody } from './anthropic-error.ts';
import {
  messageOf,
  stopOf,
  textBlockOf,
  thinkingBlockOf,
  toolUseBlockOf,
  unsigned,
  usageOf,
  type MessageHead,
} from './message-parts.ts';
import type { ThinkingShown } from './request/messages-request.ts';

export interface MessageEventsOptions extends MessageHead {
  /** The request's id, which errors report. */
  requestId: string;
  /** What errors call the request's fields. */
  names: FieldNames;
  thinking: ThinkingShown;
  progress: ProgressDialects;
}

/** Least time between two pings during prefill, in ms. */
const pingEveryMs = 1000;

const ping = event({ type: 'ping' });

/**
 * Converts a generation's events to Anthropic's stream of a message. `message_start` comes with the first event, as
 * soon as the engine accepts the request, even if it is queued. Then follow pings during prefill, one block after
 * another, and the end.
 */
export class MessageEvents implements StreamDialect {
  readonly #options: MessageEventsOptions;
  readonly #progress: ProgressMessages;
  readonly #unstreamedCalls = new UnstreamedToolCalls();
  #begun = false;
  #pingedMs = 0;
  /** The open block's channel, and the index of its tool call. */
  #block: { channel: TokenEvent['channel']; call: number | undefined } | null = null;
  #blocks = 0;
  #thinkingTokens = 0;

  constructor(options: MessageEventsOptions) {
    const { id, model, progress } = options;
    this.#options = options;
    this.#progress = new ProgressMessages({
      // No event of this API can carry llama.cpp's field, so a client that sends `return_progress` gets named events.
      dialects: { ...progress, named: progress.named || progress.llamaCpp, llamaCpp: false },
      id,
      model,
      withNamedProgress: (fields) => ({ type: prefillProgressEvent, ...fields }),
    });
  }

  /** Nothing: `message_start` needs the number of prompt tokens, which the first event has. */
  opening(): SseMessage[] {
    return [];
  }

  of(generated: GenerationEvent): SseMessage[] {
    switch (generated.type) {
      case 'prefill':
        return this.#read(generated);
      case 'span':
        return this.#progress.ofSpan(generated);
      case 'token':
        return this.#write(generated);
      case 'done':
        return endsCancelled(generated)
          ? [event(anthropicCancelledBody(this.#options.requestId))]
          : this.#end(generated);
      case 'error':
        return [this.#error({ ...generated, cause: undefined })];
      default:
        return generated satisfies never;
    }
  }

  failure(error: HeadwayError): SseMessage[] {
    return [this.#error(error)];
  }

  closing(): SseMessage[] {
    return [event({ type: 'message_stop' })];
  }

  heartbeat(): SseMessage {
    return ping;
  }

  #read(prefill: PrefillEvent): SseMessage[] {
    return [...(this.#begun ? this.#ping(prefill) : this.#begin(prefill)), ...this.#progress.of(prefill)];
  }

  /** The usage here is preliminary: a forecast while queued, 0 while the model loads. The end has the final one. */
  #begin({ total, cached, elapsedMs }: PrefillEvent): SseMessage[] {
    this.#begun = true;
    this.#pingedMs = elapsedMs;
    const usage = { promptTokens: total ?? 0, cachedTokens: cached ?? 0, completionTokens: 0 };
    return [event({ type: 'message_start', message: messageOf(this.#options, usageOf(usage, null)) }), ping];
  }

  #ping({ elapsedMs }: PrefillEvent): SseMessage[] {
    if (elapsedMs - this.#pingedMs < pingEveryMs) return [];
    this.#pingedMs = elapsedMs;
    return [ping];
  }

  #write(token: TokenEvent): SseMessage[] {
    const { text, count, channel, toolCall } = token;
    this.#unstreamedCalls.add(token);
    if (channel === 'reasoning') this.#thinkingTokens += count;
    if (channel === 'reasoning' && this.#options.thinking === 'none') return [];
    // A call's block starts as soon as its name is known.
    if (text === '' && channel !== 'tool-call') return [];
    const delta = this.#delta(token);
    const goesOn = this.#block?.channel === channel && this.#block.call === toolCall?.index;
    const messages = goesOn ? [] : [...this.#stopBlock(), this.#startBlock(token)];
    return delta === null ? messages : [...messages, this.#blockEvent('content_block_delta', { delta })];
  }

  #startBlock({ channel, toolCall }: TokenEvent): SseMessage {
    this.#block = { channel, call: toolCall?.index };
    switch (channel) {
      case 'content':
        return this.#blockEvent('content_block_start', { content_block: textBlockOf('') });
      case 'reasoning':
        return this.#blockEvent('content_block_start', { content_block: thinkingBlockOf('', '') });
      case 'tool-call': {
        const { id = '', name = '' } = toolCall ?? {};
        return this.#blockEvent('content_block_start', { content_block: toolUseBlockOf(id, name, {}) });
      }
      default:
        return channel satisfies never;
    }
  }

  #delta({ text, channel }: TokenEvent): object | null {
    switch (channel) {
      case 'content':
        return { type: 'text_delta', text };
      case 'reasoning':
        return this.#options.thinking === 'all' ? { type: 'thinking_delta', thinking: text } : null;
      case 'tool-call':
        return text === '' ? null : { type: 'input_json_delta', partial_json: text };
      default:
        return channel satisfies never;
    }
  }

  #stopBlock(): SseMessage[] {
    if (this.#block === null) return [];
    const signed =
      this.#block.channel === 'reasoning'
        ? [this.#blockEvent('content_block_delta', { delta: { type: 'signature_delta', signature: unsigned } })]
        : [];
    const messages = [...signed, this.#blockEvent('content_block_stop', {})];
    this.#block = null;
    this.#blocks += 1;
    return messages;
  }

  #end(done: DoneEvent): SseMessage[] {
    const delta = {
      ...stopOf(done),
      stop_details: null,
      container: null,
    };
    return [
      ...this.#unstreamedCalls.of(done).flatMap((call) => this.#write(call)),
      ...this.#stopBlock(),
      event({ type: 'message_delta', delta, usage: usageOf(done.usage, this.#thinkingTokens) }),
      ...this.#progress.atEnd(done),
    ];
  }

  #error(error: Parameters<typeof anthropicErrorBody>[0]): SseMessage {
    const { requestId, names } = this.#options;
    return event(anthropicErrorBody(error, { requestId, names }));
  }

  #blockEvent(type: string, fields: object): SseMessage {
    return event({ type, index: this.#blocks, ...fields });
  }
}

/** Anthropic's events have their type both as their name and in their data. */
function event<Data extends { type: string }>(data: Data): SseMessage {
  return { event: data.type, data: JSON.stringify(data) };
}
