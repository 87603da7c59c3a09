import { isTerminal, OpenChoices, type GenerationEvent, type HeadwayError, type PrefillEvent } from '@headway/protocol';

import type { BegunStream, EngineCommand, EngineMessage } from '../port/engine-port.ts';
import { toPlainError } from '../port/plain-error.ts';
import { requestFingerprint } from '../port/request-fingerprint.ts';
import type { Suspect } from './crash-suspects.ts';

export type GenerateCommand = EngineCommand & { kind: 'generate' };

/**
 * What the parent process remembers of one generation: enough to hold it while no process takes commands, and to write
 * its terminal events when the process has ended.
 */
export class TrackedGeneration {
  readonly #command: GenerateCommand;
  readonly #choices: OpenChoices;
  /** When the request arrived. */
  readonly #since: number;
  #nextSeq: number;
  #queued = false;
  #loaded: number | null;
  /** Time of the last `loading` event from here. */
  #lastLoading = Number.NEGATIVE_INFINITY;

  constructor(command: GenerateCommand) {
    const { begun, request } = command;
    this.#command = command;
    this.#choices = new OpenChoices(request.id, request.choices, begun && begun.nextSeq - 1);
    this.#since = performance.now() - (begun?.elapsedMs ?? 0);
    this.#nextSeq = begun?.nextSeq ?? 0;
    this.#loaded = begun?.loaded ?? null;
  }

  /** The command for the process. When the caller has events already, it says where their numbering continues. */
  command(): GenerateCommand {
    if (!this.#choices.begun) return this.#command;
    const begun: BegunStream = {
      nextSeq: this.#nextSeq,
      elapsedMs: performance.now() - this.#since,
      ...(this.#loaded !== null && { loaded: this.#loaded }),
      ...(this.#choices.ended.length > 0 && { ended: this.#choices.ended }),
    };
    return { ...this.#command, begun };
  }

  /** The request as a suspect for a crash; null while it waits for a slot. */
  get suspect(): Suspect | null {
    const { owner, request } = this.#command;
    return this.#queued ? null : { owner, fingerprint: requestFingerprint(request) };
  }

  /** Records an event that the caller receives. */
  add(event: GenerationEvent): void {
    // One choice may be cancelled in the queue; the others stay there.
    if (!isTerminal(event)) this.#queued = event.type === 'prefill' && event.phase === 'queued';
    if (event.type === 'prefill') this.#loaded = event.loaded ?? this.#loaded;
    this.#nextSeq = event.seq + 1;
    this.#choices.add(event);
  }

  /**
   * Creates and records the `loading` event for a caller who waits for a process; none when it comes sooner than the
   * request wants. `loaded`: the share of the model that is in memory; null when unknown.
   */
  loading(loaded: number | null): EngineMessage[] {
    const now = performance.now();
    if (now - this.#lastLoading < this.#command.request.progressIntervalMs && loaded !== 1) return [];
    this.#lastLoading = now;
    const share = loaded === null ? this.#loaded : Math.max(loaded, this.#loaded ?? 0);
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
      ...(share !== null && { loaded: share }),
    };
    this.add(event);
    return [this.#event(event)];
  }

  /** Ends the generation: with a refusal when it has no event yet, else with an error event for each open choice. */
  fail(error: HeadwayError): EngineMessage[] {
    if (this.#choices.begun) return this.#choices.fail(error).map((event) => this.#event(event));
    return [{ kind: 'refused', id: this.#command.id, error: toPlainError(error) }];
  }

  /** Ends each open choice as cancelled by the caller. */
  cancel(): EngineMessage[] {
    return this.#choices.cancel().map((event) => this.#event(event));
  }

  /** Ends and records one choice as cancelled by the caller. Does nothing when it has ended. */
  cancelChoice(index: number): EngineMessage[] {
    const events = this.#choices.cancel(index);
    for (const event of events) this.add(event);
    return events.map((event) => this.#event(event));
  }

  /** Whether every choice has ended. */
  get over(): boolean {
    return this.#choices.over;
  }

  #event(event: GenerationEvent): EngineMessage {
    return { kind: 'event', id: this.#command.id, event };
  }
}
