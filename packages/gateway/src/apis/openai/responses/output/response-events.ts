import type { DoneEvent, GenerationEvent, HeadwayError, TokenEvent } from '@headway/protocol';

import { endsCancelled } from '../../../../surface/cancelled-elsewhere.ts';
import type { AnswerHead } from '../../../../surface/generation-surface.ts';
import type { SseMessage } from '../../../../sse/sse-message.ts';
import type { StreamDialect } from '../../../../surface/stream/stream-dialect.ts';
import { UntoldCalls } from '../../../../surface/stream/unstreamed-tool-calls.ts';
import { openAiCancelledBody, openAiErrorBody, type OpenAiErrorBody } from '../../openai-error.ts';
import type { FieldNames } from '../../../../surface/field-names.ts';
import { TimingsSoFar } from '../../timings-so-far.ts';
import type { AskedProgress } from '../../../../progress/asked-progress.ts';
import { ProgressMessages } from '../../../../progress/progress-messages.ts';
import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import { OutputWriter } from './output-writer.ts';
import { responseObject, type ResponseState } from './response-object.ts';
import type { AskedResponse } from '../input/responses-request.ts';

export interface ResponseEventsOptions {
  head: AnswerHead;
  request: AskedResponse;
  names: FieldNames;
  /** What the client calls functions of its namespaces. */
  toolNames: ReadonlyMap<string, ToolName>;
  asked: AskedProgress;
}

interface EventData {
  type: string;
  [field: string]: unknown;
}

/**
 * A generation's events as OpenAI's Responses streams them: each has a name, a type and a number, counted from 0 without
 * a gap.
 *
 * OpenAI's SDK throws at types it does not know. So progress and heartbeats are of the type `response.in_progress`, with
 * the output so far, which its snapshots start from anew.
 */
export class ResponseEvents implements StreamDialect {
  readonly #options: ResponseEventsOptions;
  readonly #output: OutputWriter;
  readonly #progress: ProgressMessages;
  readonly #timings = new TimingsSoFar();
  readonly #untoldCalls = new UntoldCalls();
  #sequence = 0;

  constructor(options: ResponseEventsOptions) {
    this.#options = options;
    const { id, model } = options.head;
    this.#output = new OutputWriter(id, options.toolNames);
    this.#progress = new ProgressMessages({
      asked: options.asked,
      id,
      model,
      withLlamaProgress: (progress) => this.#message({ ...this.#reading(), prompt_progress: progress }),
      withNamedProgress: (progress) => this.#numbered({ ...this.#reading(), ...progress }),
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

  /** The last event says that it is the last: this API has no `[DONE]`. */
  closing(): SseMessage[] {
    return [];
  }

  heartbeat(): SseMessage {
    return this.#message(this.#inProgress());
  }

  #written(event: TokenEvent): SseMessage[] {
    this.#untoldCalls.add(event);
    const changes = this.#output.write(event);
    if (!this.#options.request.timings_per_token) return changes.map((change) => this.#message(change));
    const timings = this.#timings.at(event);
    return changes.map((change) => this.#message(change.type.endsWith('.delta') ? { ...change, timings } : change));
  }

  #ended(event: DoneEvent): SseMessage[] {
    const status = event.finishReason === 'length' ? 'incomplete' : 'completed';
    const calls = this.#untoldCalls.of(event).flatMap((call) => this.#written(call));
    const changes = this.#output.end(status).map((change) => this.#message(change));
    const { usage, timings } = event;
    const cost = { usage, timings, reasoningTokens: this.#output.reasoningTokens };
    // A comment behind the last event would come when nobody reads any more.
    return [...calls, ...changes, ...this.#progress.atEnd(event), this.#lifecycle({ status, cost })];
  }

  /**
   * The failed response for whoever reads events, and an error for SDKs: those throw at the second, and would take the
   * first for an answer like any other. It has OpenAI's fields twice, where its documentation has them and where its
   * servers do.
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

  /** Progress comes often, and what was asked can be long: it is told back without. */
  #reading() {
    const { text: _, ...response } = this.#response({ status: 'in_progress' });
    return { type: 'response.in_progress', response: { ...response, instructions: null, tools: [] } };
  }

  #lifecycle(state: Omit<ResponseState, 'output'>): SseMessage {
    const response = this.#response(state);
    // Where llama.cpp has them, too.
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
