import { OpenChoices, type GenerationEvent, type HeadwayError, type PrefillEvent } from '@headway/protocol';

import type { BegunStream, EngineCommand, EngineMessage } from '../port/engine-port.ts';
import { toPlainError } from '../port/plain-error.ts';
import { requestFingerprint } from '../port/request-fingerprint.ts';
import type { Suspect } from './crash-suspects.ts';

export type GenerateCommand = EngineCommand & { kind: 'generate' };

/**
 * One generation as the parent knows it: enough to hold it back while there is no engine, and to end it in good order
 * when there is none any more.
 */
export class TrackedGeneration {
  readonly #command: GenerateCommand;
  readonly #choices: OpenChoices;
  readonly #since = performance.now();
  #nextSeq = 0;
  #waits = false;

  constructor(command: GenerateCommand) {
    this.#command = command;
    this.#choices = new OpenChoices(command.request.id, command.request.choices);
  }

  /** What the engine is told, wherever its events have to go on. */
  command(): GenerateCommand {
    if (!this.#choices.begun) return this.#command;
    const begun: BegunStream = { nextSeq: this.#nextSeq, elapsedMs: performance.now() - this.#since };
    return { ...this.#command, begun };
  }

  /** What the engine works on, unless it waits for a slot. */
  get suspect(): Suspect | null {
    const { owner, request } = this.#command;
    return this.#waits ? null : { owner, fingerprint: requestFingerprint(request) };
  }

  /** Adds an event that its caller gets to what is known. */
  add(event: GenerationEvent): void {
    this.#waits = event.type === 'prefill' && event.phase === 'queued';
    this.#nextSeq = event.seq + 1;
    this.#choices.add(event);
  }

  /** What its caller is told while there is no engine. */
  loading(): EngineMessage {
    const event: PrefillEvent = {
      type: 'prefill',
      id: this.#command.request.id,
      seq: this.#nextSeq,
      index: 0,
      phase: 'loading',
      queuePosition: null,
      processed: null,
      cached: null,
      total: null,
      elapsedMs: performance.now() - this.#since,
      tokensPerSecond: null,
      etaMs: null,
      estimated: false,
    };
    this.add(event);
    return this.#event(event);
  }

  /** Ends what is open: in a refusal if nothing has been said yet, else in an error for each choice. */
  fail(error: HeadwayError): EngineMessage[] {
    if (this.#choices.begun) return this.#choices.fail(error).map((event) => this.#event(event));
    return [{ kind: 'refused', id: this.#command.id, error: toPlainError(error) }];
  }

  /** Ends what is open because somebody asked for it. */
  cancel(): EngineMessage[] {
    return this.#choices.cancel().map((event) => this.#event(event));
  }

  #event(event: GenerationEvent): EngineMessage {
    return { kind: 'event', id: this.#command.id, event };
  }
}
