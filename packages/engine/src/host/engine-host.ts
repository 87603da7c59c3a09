import {
  endsStream,
  HeadwayError,
  isTerminal,
  modelNotFound,
  type DetokenizeRequest,
  type Estimate,
  type GenerateRequest,
  type ModelInfo,
  type TextToken,
  type TokenizeRequest,
} from '@headway/protocol';

import type { Backend } from '../backend/backend.ts';
import type { Clock } from '../timing/clock.ts';
import type { BegunStream, EngineActivity, EngineCommand, EngineMessage, EnginePort } from '../port/engine-port.ts';
import { ChoiceSignals } from './choice-signals.ts';
import { EventWriter } from './event-writer.ts';
import { estimatePrompt } from './estimate-prompt.ts';
import { idConflict } from '../port/id-conflict.ts';
import { HostedModel, type HostedModelOptions } from './hosted-model.ts';
import { toPlainError } from '../port/plain-error.ts';
import { runGeneration } from './run-generation.ts';

export interface EngineHostOptions extends HostedModelOptions {
  /** One for each model, the default one first. */
  backends: readonly [Backend, ...Backend[]];
  onMessage: (message: EngineMessage) => void;
}

/** Signs that the host is alive and makes progress. */
export interface Vitals {
  /** Whether a model is loading. */
  loading: boolean;
  /** Busy slots. */
  busy: number;
  /** Tokens evaluated so far; it grows while a slot is busy. */
  evaluated: number;
}

interface Run {
  id: string;
  owner: string;
  request: GenerateRequest & { id: string };
  model: HostedModel;
  begun: BegunStream | undefined;
  choices: ChoiceSignals;
}

interface Running {
  choices: ChoiceSignals;
  ended: Promise<void>;
}

/** Runs the models. It communicates by the port's messages alone and knows generations by their ids. */
export class EngineHost implements EnginePort {
  readonly #models: readonly [HostedModel, ...HostedModel[]];
  readonly #clock: Clock;
  readonly #onMessage: (message: EngineMessage) => void;
  readonly #running = new Map<string, Running>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  constructor({ backends: [first, ...others], onMessage, ...options }: EngineHostOptions) {
    const host = (backend: Backend) => new HostedModel(backend, options);
    this.#models = [host(first), ...others.map(host)];
    this.#clock = options.clock;
    this.#onMessage = onMessage;
  }

  send(command: EngineCommand): void {
    switch (command.kind) {
      case 'generate':
        this.#generate(command);
        return;
      case 'cancel':
        this.#running.get(command.id)?.choices.cancelAll(command.reason);
        return;
      case 'cancel-choice':
        this.#running.get(command.id)?.choices.cancel(command.index);
        return;
      default:
        command satisfies never;
    }
  }

  async estimate(request: GenerateRequest, owner: string): Promise<Estimate> {
    return estimatePrompt({ model: this.#modelOf(request), request, owner, signal: this.#closing.signal });
  }

  async applyTemplate(request: GenerateRequest): Promise<string> {
    const { signal } = this.#closing;
    return this.#modelOf(request).withModel((loaded) => loaded.applyTemplate(request, { signal }), signal);
  }

  async tokenize({ text, special, beginning, ...request }: TokenizeRequest, owner: string): Promise<TextToken[]> {
    const { signal } = this.#closing;
    const options = { special, beginning, owner, signal };
    return this.#modelOf(request).withModel((loaded) => loaded.tokenize(text, options), signal);
  }

  async detokenize({ tokens, ...request }: DetokenizeRequest): Promise<string> {
    return this.#modelOf(request).withModel((loaded) => loaded.detokenize(tokens), this.#closing.signal);
  }

  async models(): Promise<ModelInfo[]> {
    return this.#models.map((model) => model.info());
  }

  async activity(): Promise<EngineActivity> {
    const pools = this.#models.flatMap((model) => model.open?.pool ?? []);
    return {
      slots: {
        total: sum(this.#models.map((model) => model.info().slots)),
        busy: sum(pools.map((pool) => pool.busy)),
      },
      queued: sum(this.#models.map((model) => model.queued)),
      models: this.#models.map((model) => model.activity()),
    };
  }

  vitals(): Vitals {
    const open = this.#models.flatMap((model) => model.open ?? []);
    return {
      loading: this.#models.some((model) => model.info().state === 'loading'),
      busy: sum(open.map(({ pool }) => pool.busy)),
      evaluated: sum(open.flatMap(({ loaded }) => loaded.slots.map((slot) => slot.evaluated))),
    };
  }

  async ready(): Promise<void> {
    await Promise.all(this.#models.map((model) => model.opening));
  }

  close(): Promise<void> {
    this.#closing.abort(
      new HeadwayError('shutting-down', 'the engine is shutting down; send the request again when it is back'),
    );
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { choices } of running) choices.cancelAll('shutting-down');
    await Promise.all(running.map(({ ended }) => ended));
    await Promise.all(this.#models.map((model) => model.close()));
  }

  #generate({ id, owner, request, begun }: EngineCommand & { kind: 'generate' }): void {
    try {
      const model = this.#admit(id, request);
      const choices = new ChoiceSignals(request.choices, begun?.ended);
      const ended = this.#run({ id, owner, request, model, begun, choices });
      this.#running.set(id, { choices, ended });
    } catch (thrown) {
      this.#refuse(id, thrown);
    }
  }

  /** @throws HeadwayError the reason to refuse the request */
  #admit(id: string, request: GenerateRequest & { id: string }): HostedModel {
    this.#closing.signal.throwIfAborted();
    if (this.#running.has(id)) throw idConflict(request.id);
    return this.#modelOf(request);
  }

  #modelOf(request: Pick<GenerateRequest, 'model'>): HostedModel {
    this.#closing.signal.throwIfAborted();
    const model =
      request.model === 'default' ? this.#models[0] : this.#models.find((one) => one.backend.modelId === request.model);
    if (!model) {
      throw modelNotFound(
        request.model,
        this.#models.map((one) => one.backend.modelId),
      );
    }
    if (model.error) throw model.error;
    return model;
  }

  async #run({ id, owner, request, model, begun, choices }: Run): Promise<void> {
    // Emit the first event only after the caller has received its generation.
    await Promise.resolve();
    const emit = this.#onMessage;
    const writer = new EventWriter({
      id: request.id,
      choices: request.choices,
      spans: request.spans?.length ?? 0,
      clock: this.#clock,
      progressIntervalMs: request.progressIntervalMs,
      begun,
      emit: (event) => {
        if (isTerminal(event)) choices.ended(event.index);
        if (endsStream(event)) this.#running.delete(id);
        emit({ kind: 'event', id, event });
      },
    });
    try {
      await runGeneration({ model, owner, request, writer, clock: this.#clock, choices });
    } catch (thrown) {
      this.#running.delete(id);
      this.#refuse(id, thrown);
    }
  }

  #refuse(id: string, thrown: unknown): void {
    this.#onMessage({ kind: 'refused', id, error: toPlainError(thrown) });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
