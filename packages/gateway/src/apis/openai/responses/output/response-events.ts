import type { DoneEvent, GenerationEvent, HeadwayError, TokenEvent } from '@headway/protocol';

import { endsCancelled } from '../../../../surface/cancelled-by-viewer.ts';
import type { AnswerHead } from '../../../../surface/generation-surface.ts';
import type { SseMessage } from '../../../../sse/sse-message.ts';
import type { StreamDialect } from '../../../../surface/stream/stream-dialect.ts';
import { UnstreamedToolCalls } from '../../../../surface/stream/unstreamed-tool-calls.ts';
import { openAiCancelledBody, openAiErrorBody, type OpenAiErrorBody } from '../../openai-error.ts';
import type { FieldNames } from '../../../../surface/field-names.ts';
import { TimingsSoFar } from '../../timings-so-far.ts';
import type { ProgressDialects } from '../../../../progress/progress-dialects.ts';
import { ProgressMessages } from '../../../../progress/progress-messages.ts';
import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import { OutputWriter } from './output-writer.ts';
import { responseObject, type ResponseState } from './response-object.ts';
import type { AskedResponse } from '../input/responses-request.ts';

export interface ResponseEventsOptions {
  head: AnswerHead;
  request: AskedResponse;
  names: FieldNames;
  /** The client's names for functions in namespaces. */
  toolNames: ReadonlyMap<string, ToolName>;
  progress: ProgressDialects;
}

interface EventData {
  type: string;
  [field: string]: unknown;
}

/**
 * Converts a generation's events to the stream of OpenAI's Responses: each event has a name, an equal type, and a
 * number that counts from 0 without gaps.
 *
 * OpenAI's SDK throws at unknown types. Therefore progress and heartbeats have the type `response.in_progress`, with
 * the output so far, because the SDK's snapshot restarts from it.
 */
export class ResponseEvents implements StreamDialect {
  readonly #options: ResponseEventsOptions;
  readonly #output: OutputWriter;
  readonly #progress: ProgressMessages;
  readonly #timings = new TimingsSoFar();
  readonly #unstreamedCalls = new UnstreamedToolCalls();
  #sequence = 0;

  constructor(options: ResponseEventsOptions) {
    this.#options = options;
    const { id, model } = options.head;
    this.#output = new OutputWriter(id, options.toolNames);
    this.#progress = new ProgressMessages({
      dialects: options.progress,
      id,
      model,
      withLlamaProgress: (progress) => this.#message({ ...this.#shortProgress(), prompt_progress: progress }),
      withNamedProgress: (progress) => this.#numbered({ ...this.#shortProgress(), ...progress }),
    });
  }

  opening(): SseMessage[] {
    const started = this.#inProgress();
    return [this.#message({ ...started, type: 'response.created' }), this.#message(started)];
  }

  of(event: GenerationEvent): SseMessage[] {
    switch (event.type) {
      case 'prefill':
        this.#timings.add(event);
        return this.#progress.of(event);
      case 'span':
        return this.#progress.ofSpan(event);
      case 'token':
        return this.#written(event);
      case 'done':
        return endsCancelled(event) ? this.#failed(openAiCancelledBody()) : this.#ended(event);
      case 'error':
        return this.#failed(this.#errorBody(event));
      default:
        return event satisfies never;
    }
  }

  failure(error: HeadwayError): SseMessage[] {
    return this.#failed(this.#errorBody(error));
  }

  /** Nothing: this API has no `[DONE]`; the type of the last event marks the end. */
  closing(): SseMessage[] {
    return [];
  }

  heartbeat(): SseMessage {
    return this.#message(this.#inProgress());
  }

  #written(event: TokenEvent): SseMessage[] {
    this.#unstreamedCalls.add(event);
    const changes = this.#output.write(event);
    if (!this.#options.request.timings_per_token) return changes.map((change) => this.#message(change));
    const timings = this.#timings.at(event);
    return changes.map((change) => this.#message(change.type.endsWith('.delta') ? { ...change, timings } : change));
  }

  #ended(event: DoneEvent): SseMessage[] {
    const status = event.finishReason === 'length' ? 'incomplete' : 'completed';
    const calls = this.#unstreamedCalls.of(event).flatMap((call) => this.#written(call));
    const changes = this.#output.end(status).map((change) => this.#message(change));
    const { usage, timings } = event;
    const cost = { usage, timings, reasoningTokens: this.#output.reasoningTokens };
    // exo's comment comes before the last event: clients stop reading after that one.
    return [...calls, ...changes, ...this.#progress.atEnd(event), this.#lifecycle({ status, cost })];
  }

  /**
   * Sends `response.failed` for clients that read events, then `error` for SDKs, which throw at the second and take the
   * first for a normal answer. `error` has OpenAI's fields twice: where its documentation has them and where its
   * servers send them.
   */
  #failed({ error }: OpenAiErrorBody): SseMessage[] {
    this.#output.abandon();
    const { code, message, param } = error;
    return [
      this.#lifecycle({ status: 'failed', error: { code, message } }),
      this.#message({ type: 'error', code, message, param, error }),
    ];
  }

  #errorBody(error: Parameters<typeof openAiErrorBody>[0]): OpenAiErrorBody {
    return openAiErrorBody(error, this.#options.names);
  }

  #inProgress() {
    return { type: 'response.in_progress', response: this.#response({ status: 'in_progress' }) };
  }

  /** The response without the long fields of the request, since progress is sent often. */
  #shortProgress() {
    const { text: _, ...response } = this.#response({ status: 'in_progress' });
    return { type: 'response.in_progress', response: { ...response, instructions: null, tools: [] } };
  }

  #lifecycle(state: Omit<ResponseState, 'output'>): SseMessage {
    const response = this.#response(state);
    // llama.cpp has `timings` here.
    return this.#message({
      type: `response.${state.status}`,
      response,
      ...('timings' in response && { timings: response.timings }),
    });
  }

  #response(state: Omit<ResponseState, 'output'>) {
    const { head, request } = this.#options;
    return responseObject(head, request, { ...state, output: this.#output.items });
  }

  #message(data: EventData): SseMessage {
    return { event: data.type, data: JSON.stringify(this.#numbered(data)) };
  }

  #numbered({ type, ...rest }: EventData): object {
    return { type, sequence_number: this.#sequence++, ...rest };
  }
}
