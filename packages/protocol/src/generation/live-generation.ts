import { errorData } from '../errors/error-data.ts';
import { callUntilThrown } from './call-until-thrown.ts';
import { ChoiceCollector } from './choice-collector.ts';
import type { GenerationEvent } from '../schema/events/event.ts';
import { EventQueue } from './event-queue.ts';
import type { Generation, GenerationResult } from './generation.ts';
import { HeadwayError } from '../errors/headway-error.ts';
import { noUsage } from './no-usage.ts';
import { endsStream } from './terminal-event.ts';
import { deferred } from '../promises/deferred.ts';

export interface LiveGenerationOptions {
  id: string;
  /** Called at most once, when the caller cancels or leaves the loop before the end. */
  onCancel: () => void;
  /**
   * Called with each event as it arrives. If it throws, or its promise rejects, `result()` rejects with the same error
   * after the end.
   */
  onEvent?: (event: GenerationEvent) => Promise<void> | undefined | void;
  /** Whether `result()` has the text, or only numbers. @default true */
  keepsText?: boolean | undefined;
}

/**
 * The reading end of a `Generation`: a source (an engine or a connection to one) pushes events, a caller reads them.
 */
export class LiveGeneration implements Generation {
  readonly id: string;
  readonly admitted: Promise<void>;
  /** Resolves with the last event; never rejects. */
  readonly ended: Promise<void>;
  readonly #onCancel: () => void;
  readonly #onEvent: LiveGenerationOptions['onEvent'];
  readonly #queue: EventQueue;
  readonly #collector: ChoiceCollector;
  readonly #admission = deferred();
  readonly #end = deferred();
  #read = false;
  #cancelled = false;
  #over = false;
  #admitted = false;
  #observed: Promise<void> = Promise.resolve();

  constructor({ id, onCancel, onEvent, keepsText }: LiveGenerationOptions) {
    this.id = id;
    this.#collector = new ChoiceCollector({ keepsText });
    this.#onCancel = onCancel;
    this.#onEvent = onEvent;
    this.#queue = new EventQueue({ onReturn: () => this.#requestEnd() });
    this.admitted = this.#admission.promise;
    // A caller that does not await `admitted` reads the refusal as an event.
    this.admitted.catch(() => undefined);
    this.ended = this.#end.promise;
  }

  /** The source calls this with each event. Does nothing after the last one. */
  push(event: GenerationEvent): void {
    if (this.#over) return;
    this.#collector.add(event);
    this.#observe(event);
    if (!this.#admitted) {
      this.#admitted = true;
      this.#admission.resolve();
    }
    this.#queue.push(event);
    if (endsStream(event)) {
      this.#over = true;
      this.#end.resolve();
    }
  }

  /** The source calls this when the engine refuses the request. */
  refuse(error: HeadwayError): void {
    this.#admission.reject(error);
    this.push({
      type: 'error',
      id: this.id,
      seq: 0,
      index: 0,
      ...errorData(error),
      usage: noUsage,
      remaining: 0,
    });
  }

  /** Whether the source has pushed the last event. */
  get over(): boolean {
    return this.#over;
  }

  [Symbol.asyncIterator](): AsyncIterator<GenerationEvent, undefined> {
    this.#readOnce();
    return this.#queue;
  }

  async forEach(onEvent: (event: GenerationEvent) => void): Promise<void> {
    this.#readOnce();
    // Never calls `onEvent` before `forEach` has returned.
    await Promise.resolve();
    const failing = deferred();
    const call = callUntilThrown(onEvent, (thrown) => {
      failing.reject(thrown);
      this.#requestEnd();
    });
    this.#queue.drainTo(call);
    // The failure first: the generation may be over already.
    await Promise.race([failing.promise, this.ended]);
  }

  async result(): Promise<GenerationResult> {
    await this.ended;
    const choices = this.#collector.results();
    await this.#observed;
    return { id: this.id, ...choices[0], choices };
  }

  async text(): Promise<string> {
    return (await this.result()).text;
  }

  async cancel(): Promise<void> {
    this.#requestEnd();
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  #readOnce(): void {
    if (this.#read)
      throw new HeadwayError(
        'invalid-request',
        'the events of a generation can be read once; keep those that you need',
      );
    this.#read = true;
  }

  #observe(event: GenerationEvent): void {
    let answer: Promise<void> | undefined | void;
    try {
      answer = this.#onEvent?.(event);
    } catch (thrown) {
      answer = Promise.reject(thrown);
    }
    if (!answer) return;
    this.#observed = Promise.all([this.#observed, answer]).then(() => undefined);
    // A caller that does not await `result()` must not crash on an unhandled rejection.
    this.#observed.catch(() => undefined);
  }

  #requestEnd(): void {
    if (this.#cancelled || this.#over) return;
    this.#cancelled = true;
    this.#onCancel();
  }
}
