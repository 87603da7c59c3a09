import {
  endsStream,
  HeadwayError,
  modelNotFound,
  type DetokenizeRequest,
  type Estimate,
  type GenerateRequest,
  type ModelInfo,
  type TextToken,
  type TokenizeRequest,
} from '@headway/protocol';

import { cancelMessage } from '../port/cancel-message.ts';
import type { EngineActivity, EngineCommand, EngineMessage, EnginePort } from '../port/engine-port.ts';
import { idConflict } from '../port/id-conflict.ts';
import { toPlainError } from '../port/plain-error.ts';
import type { ModelMemory } from './memory/model-memory.ts';
import type { ProcessHistory } from './process-history.ts';

/** One model and its port. */
export interface PortOfModel {
  id: string;
  port: EnginePort;
}

export interface ModelsPortOptions {
  /** The default model first. */
  models: readonly [PortOfModel, ...PortOfModel[]];
  memory: ModelMemory;
  /** Null when all models run in this process. */
  history: ProcessHistory | null;
  onMessage: (message: EngineMessage) => void;
}

/** Routes commands and queries to the port of the model that a request names. */
export class ModelsPort implements EnginePort {
  readonly #options: ModelsPortOptions;
  /** The port of each generation that runs. */
  readonly #running = new Map<string, EnginePort>();
  #closing = false;

  constructor(options: ModelsPortOptions) {
    this.#options = options;
  }

  /** Takes the messages of all ports. */
  receive(message: EngineMessage): void {
    if (message.kind === 'refused' || endsStream(message.event)) this.#running.delete(message.id);
    this.#options.onMessage(message);
  }

  send(command: EngineCommand): void {
    switch (command.kind) {
      case 'generate':
        this.#generate(command);
        return;
      case 'cancel':
      case 'cancel-choice':
        this.#running.get(command.id)?.send(command);
        return;
      default:
        command satisfies never;
    }
  }

  async estimate(request: GenerateRequest, owner: string): Promise<Estimate> {
    return this.#portOf(request).estimate(request, owner);
  }

  async applyTemplate(request: GenerateRequest): Promise<string> {
    return this.#portOf(request).applyTemplate(request);
  }

  async tokenize(request: TokenizeRequest, owner: string): Promise<TextToken[]> {
    return this.#portOf(request).tokenize(request, owner);
  }

  async detokenize(request: DetokenizeRequest): Promise<string> {
    return this.#portOf(request).detokenize(request);
  }

  async models(): Promise<ModelInfo[]> {
    return (await this.#ofAll((port) => port.models())).flat();
  }

  async activity(): Promise<EngineActivity> {
    const all = await this.#ofAll((port) => port.activity());
    const { memory, history } = this.#options;
    return {
      slots: { total: sumOf(all, ({ slots }) => slots.total), busy: sumOf(all, ({ slots }) => slots.busy) },
      queued: sumOf(all, ({ queued }) => queued),
      models: all.flatMap(({ models }) => models),
      ...(history && { process: history.summary }),
      ...(Number.isFinite(memory.limit) && { memory: { limit: memory.limit, used: memory.used } }),
    };
  }

  async ready(): Promise<void> {
    await this.#ofAll((port) => port.ready());
  }

  async close(): Promise<void> {
    this.#closing = true;
    // What one model frees must not load another.
    this.#options.memory.close();
    await this.#ofAll((port) => port.close());
  }

  #generate(command: EngineCommand & { kind: 'generate' }): void {
    const { id, request } = command;
    try {
      const port = this.#portOf(request);
      if (this.#running.has(id)) throw idConflict(request.id);
      this.#running.set(id, port);
      port.send(command);
    } catch (thrown) {
      this.#options.onMessage({ kind: 'refused', id, error: toPlainError(thrown) });
    }
  }

  /** @throws HeadwayError `model-not-found`, `shutting-down` */
  #portOf({ model }: Pick<GenerateRequest, 'model'>): EnginePort {
    if (this.#closing) throw new HeadwayError('shutting-down', cancelMessage('shutting-down'));
    const { models } = this.#options;
    const found = model === 'default' ? models[0] : models.find(({ id }) => id === model);
    if (found) return found.port;
    throw modelNotFound(
      model,
      models.map(({ id }) => id),
    );
  }

  #ofAll<Answer>(ask: (port: EnginePort) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(this.#options.models.map(({ port }) => ask(port)));
  }
}

function sumOf<Item>(items: readonly Item[], number: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + number(item), 0);
}
