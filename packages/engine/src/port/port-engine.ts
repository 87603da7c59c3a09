import {
  captureProgress,
  createGenerationId,
  detokenizeRequest,
  generateRequest,
  HeadwayError,
  isTerminal,
  LiveGeneration,
  noSuchChoice,
  parse,
  toHeadwayError,
  tokenizeRequest,
  type DetokenizeInput,
  type ErrorCode,
  type Estimate,
  type GenerateInput,
  type GenerateRequest,
  type Generation,
  type TextToken,
  type TokenizeInput,
} from '@headway/protocol';

import type { EngineMessage, EnginePort } from './engine-port.ts';
import type { Engine, GenerateOptions } from './engine.ts';
import { idConflict } from './id-conflict.ts';
import { fromPlainError } from './plain-error.ts';

interface Running {
  generation: LiveGeneration;
  choices: number;
  /** Indexes of the choices that have ended. */
  ended: Set<number>;
}

/** The callers' side of a port: creates generations and feeds them with the port's messages. */
export class PortEngine implements Engine {
  readonly #port: EnginePort;
  readonly #generations = new Map<string, Running>();

  constructor(open: (onMessage: (message: EngineMessage) => void) => EnginePort) {
    this.#port = open((message) => this.#receive(message));
  }

  generate(input: GenerateInput, { signal, owner = '', keepsText, ...progress }: GenerateOptions = {}): Generation {
    let report: ReturnType<typeof captureProgress> = null;
    let request: GenerateRequest | null = null;
    let refusal: HeadwayError | null = null;
    try {
      // First, so that the hook receives every end, also that of a refused request.
      report = captureProgress(progress, {
        maxTokens: completionBound(input),
        progressIntervalMs: input?.progressIntervalMs,
      });
      request = parse(generateRequest, input);
      if (request.id !== undefined && this.#generations.has(portId(owner, request.id))) throw idConflict(request.id);
    } catch (thrown) {
      refusal = toHeadwayError(thrown);
    }
    const id = request?.id ?? createGenerationId();
    const cancel = () => void this.cancel(id, 'cancelled', owner);
    const generation = new LiveGeneration({ id, onCancel: cancel, keepsText, ...(report && { onEvent: report }) });
    if (refusal || !request) {
      generation.refuse(refusal ?? new HeadwayError('internal', 'the request was not parsed'));
      return generation;
    }
    const known = portId(owner, id);
    this.#generations.set(known, { generation, choices: request.choices, ended: new Set() });
    this.#port.send({ kind: 'generate', id: known, owner, request: { ...request, id } });
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    void generation.ended.then(() => signal?.removeEventListener('abort', cancel));
    return generation;
  }

  cancel(id: string, reason: 'cancelled' | ErrorCode = 'cancelled', owner = ''): boolean {
    const known = portId(owner, id);
    if (!this.#generations.has(known)) return false;
    this.#port.send({ kind: 'cancel', id: known, reason });
    return true;
  }

  cancelChoice(id: string, index: number, owner = ''): boolean {
    const known = portId(owner, id);
    const running = this.#generations.get(known);
    if (!running) return false;
    const { choices, ended } = running;
    if (!Number.isInteger(index) || index < 0 || index >= choices) throw noSuchChoice(index, choices);
    if (ended.has(index)) return false;
    this.#port.send({ kind: 'cancel-choice', id: known, index });
    return true;
  }

  async estimate(input: GenerateInput, { owner = '' }: Pick<GenerateOptions, 'owner'> = {}): Promise<Estimate> {
    return this.#port.estimate(parse(generateRequest, input), owner);
  }

  async applyTemplate(input: GenerateInput): Promise<string> {
    return this.#port.applyTemplate(parse(generateRequest, input));
  }

  async tokenize(input: TokenizeInput, { owner = '' }: Pick<GenerateOptions, 'owner'> = {}): Promise<TextToken[]> {
    return this.#port.tokenize(parse(tokenizeRequest, input), owner);
  }

  async detokenize(input: DetokenizeInput): Promise<string> {
    return this.#port.detokenize(parse(detokenizeRequest, input));
  }

  models() {
    return this.#port.models();
  }

  activity() {
    return this.#port.activity();
  }

  ready() {
    return this.#port.ready();
  }

  close() {
    return this.#port.close();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  #receive(message: EngineMessage): void {
    const running = this.#generations.get(message.id);
    if (!running) return;
    const { generation, ended } = running;
    if (message.kind === 'refused') {
      generation.refuse(fromPlainError(message.error));
    } else {
      if (isTerminal(message.event)) ended.add(message.event.index);
      generation.push(message.event);
    }
    if (generation.over) this.#generations.delete(message.id);
  }
}

/** The port's id of a generation. Ids contain no slash, so the ids of two owners never collide. */
function portId(owner: string, id: string): string {
  return owner === '' ? id : `${owner}/${id}`;
}

/** Most completion tokens of all choices together; undefined when the unchecked input does not say. */
function completionBound(input: GenerateInput): number | undefined {
  const { maxTokens, choices = 1 } = input ?? {};
  return Number.isInteger(maxTokens) && Number.isInteger(choices) ? Number(maxTokens) * choices : undefined;
}
