import { errorData } from '../errors/error-data.ts';
import type { DoneEvent, ErrorEvent, GenerationEvent } from '../schema/events/event.ts';
import type { HeadwayError } from '../errors/headway-error.ts';
import { noUsage } from './no-usage.ts';
import type { Usage } from '../schema/events/usage.ts';

/**
 * Tracks which choices of a generation are open and the usage of each, so that the reading side can end them itself
 * when the engine or the connection to it is gone.
 */
export class OpenChoices {
  readonly #id: string;
  /** Completion tokens of each open choice so far, by index. */
  readonly #open = new Map<number, number>();
  readonly #ended = new Set<number>();
  #prompt: Usage = noUsage;
  #seq: number;

  /**
   * @param choices known to be open; pass 1 when unknown: events add the others
   * @param seq of the last event so far; -1 when none has arrived
   */
  constructor(id: string, choices: number, seq = -1) {
    this.#id = id;
    this.#seq = seq;
    for (let index = 0; index < choices; index++) this.#open.set(index, 0);
  }

  /** Whether an event has arrived, that is whether the engine has accepted the request. */
  get begun(): boolean {
    return this.#seq >= 0;
  }

  /** Whether every choice has ended. */
  get over(): boolean {
    return this.begun && this.#open.size === 0;
  }

  /** Indexes of the choices that have ended. */
  get ended(): number[] {
    return [...this.#ended];
  }

  add(event: GenerationEvent): void {
    this.#seq = Math.max(this.#seq, event.seq);
    switch (event.type) {
      case 'prefill': {
        // While queued, `processed` and `cached` are a forecast.
        const [promptTokens, cachedTokens] =
          event.phase === 'prefill' ? [event.processed ?? 0, event.cached ?? 0] : [0, 0];
        const promptTotal = event.total !== null && { promptTotal: event.total };
        this.#prompt = { ...noUsage, promptTokens, ...promptTotal, cachedTokens };
        return;
      }
      case 'span':
        return;
      case 'token': {
        if (!this.#ended.has(event.index)) this.#open.set(event.index, event.completionTokens);
        return;
      }
      case 'done':
      case 'error':
        this.#open.delete(event.index);
        this.#ended.add(event.index);
        for (let index = 0; this.#open.size < event.remaining; index++) {
          if (!this.#ended.has(index) && !this.#open.has(index)) this.#open.set(index, 0);
        }
        return;
      default:
        event satisfies never;
    }
  }

  /** The events that end each open choice with an error. */
  fail(error: HeadwayError): ErrorEvent[] {
    return this.#ends().map((end) => ({ type: 'error', ...end, ...errorData(error) }));
  }

  /**
   * The events that end each open choice after a cancel that came before the engine had the request. With `only` that
   * choice alone, unless it has ended; the others stay open.
   */
  cancel(only?: number): DoneEvent[] {
    return this.#ends(only).map((end) => ({
      type: 'done',
      ...end,
      finishReason: 'cancelled',
      timings: noTimings,
      toolCalls: [],
    }));
  }

  #ends(only?: number) {
    const open = [...this.#open].toSorted(([a], [b]) => a - b);
    const ending = only === undefined ? open : open.filter(([index]) => index === only);
    return ending.map(([index, completionTokens], at) => ({
      id: this.#id,
      seq: this.#seq + 1 + at,
      index,
      usage: { ...this.#prompt, completionTokens },
      remaining: open.length - 1 - at,
    }));
  }
}

const noTimings: DoneEvent['timings'] = {
  queuedMs: 0,
  prefillMs: 0,
  decodeMs: 0,
  timeToFirstTokenMs: null,
  prefillTokensPerSecond: null,
  decodeTokensPerSecond: null,
};
