import { errorData } from '../errors/error-data.ts';
import type { DoneEvent, ErrorEvent, GenerationEvent } from '../schema/events/event.ts';
import type { HeadwayError } from '../errors/headway-error.ts';
import { noUsage } from './no-usage.ts';
import type { Usage } from '../schema/events/usage.ts';

/**
 * Which choices of a generation still go on, and what each has cost so far: what it takes to end them from the reading
 * side, when the side that writes is gone.
 */
export class OpenChoices {
  readonly #id: string;
  /** What each open choice has cost so far, by index. */
  readonly #open = new Map<number, Usage>();
  readonly #ended = new Set<number>();
  #prompt: Usage = noUsage;
  #seq = -1;

  /** @param choices that are known to be open; who does not know says 1, and learns of others by their events */
  constructor(id: string, choices: number) {
    this.#id = id;
    for (let index = 0; index < choices; index++) this.#open.set(index, noUsage);
  }

  /** Whether an event has come, i.e. the engine took the request. */
  get begun(): boolean {
    return this.#seq >= 0;
  }

  add(event: GenerationEvent): void {
    this.#seq = Math.max(this.#seq, event.seq);
    switch (event.type) {
      case 'prefill': {
        // While queued, what is read and cached is a forecast.
        const [promptTokens, cachedTokens] =
          event.phase === 'prefill' ? [event.processed ?? 0, event.cached ?? 0] : [0, 0];
        const promptTotal = event.total !== null && { promptTotal: event.total };
        this.#prompt = { ...noUsage, promptTokens, ...promptTotal, cachedTokens };
        for (const index of this.#open.keys()) this.#open.set(index, this.#prompt);
        return;
      }
      case 'token': {
        if (this.#ended.has(event.index)) return;
        const usage = this.#open.get(event.index) ?? this.#prompt;
        this.#open.set(event.index, { ...usage, completionTokens: event.completionTokens });
        return;
      }
      case 'done':
      case 'error':
        this.#open.delete(event.index);
        this.#ended.add(event.index);
        for (let index = 0; this.#open.size < event.remaining; index++) {
          if (!this.#ended.has(index) && !this.#open.has(index)) this.#open.set(index, this.#prompt);
        }
        return;
      default:
        event satisfies never;
    }
  }

  /** The events that end what is open in an error. */
  fail(error: HeadwayError): ErrorEvent[] {
    return this.#ends().map((end) => ({ type: 'error', ...end, ...errorData(error) }));
  }

  /** The events that end what is open because somebody asked for it, before the engine had it. */
  cancel(): DoneEvent[] {
    return this.#ends().map((end) => ({
      type: 'done',
      ...end,
      finishReason: 'cancelled',
      timings: noTimings,
      toolCalls: [],
    }));
  }

  #ends() {
    const open = [...this.#open].toSorted(([a], [b]) => a - b);
    return open.map(([index, usage], at) => ({
      id: this.#id,
      seq: this.#seq + 1 + at,
      index,
      usage,
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
