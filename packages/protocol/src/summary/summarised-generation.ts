import { callUntilThrown } from '../generation/call-until-thrown.ts';
import type { Generation, GenerationResult } from '../generation/generation.ts';
import { endsStream } from '../generation/terminal-event.ts';
import { deferred } from '../promises/deferred.ts';
import type { GenerationEvent } from '../schema/events/event.ts';
import { SummarisedEvents } from './summarised-events.ts';
import type { SummaryEvent } from './summary-event.ts';
import { summaryEveryMs, type SummaryOptions } from './summary-option.ts';
import type { SummarisedRequest } from './summary-state.ts';
import { SummaryTicker } from './summary-ticker.ts';

export interface WithSummariesOptions extends SummarisedRequest, SummaryOptions {
  /** Milliseconds since any fixed moment. @default `performance.now` */
  now?: () => number;
}

/**
 * Adds `summary` events to those of a generation that nobody reads yet; see `SummaryEvent`. The events are read through the
 * generation that it returns. Tell it the request's `choices` and `maxTokens`, which the events do not.
 *
 * @throws HeadwayError `invalid-request` when `everyMs` is no time
 */
export function withSummaries(
  generation: Generation,
  { everyMs, ...options }: WithSummariesOptions = {},
): Generation<GenerationEvent | SummaryEvent> {
  const ticker = new SummaryTicker({ ...options, everyMs: summaryEveryMs({ everyMs }) ?? 0 });
  return new SummarisedGeneration(generation, ticker);
}

class SummarisedGeneration implements Generation<GenerationEvent | SummaryEvent> {
  readonly id: string;
  readonly admitted: Promise<void>;
  readonly #generation: Generation;
  readonly #ticker: SummaryTicker;

  constructor(generation: Generation, ticker: SummaryTicker) {
    this.id = generation.id;
    this.admitted = generation.admitted;
    this.#generation = generation;
    this.#ticker = ticker;
  }

  [Symbol.asyncIterator](): AsyncIterator<GenerationEvent | SummaryEvent, undefined> {
    return new SummarisedEvents(this.#generation[Symbol.asyncIterator](), this.#ticker);
  }

  async forEach(onEvent: (event: GenerationEvent | SummaryEvent) => void): Promise<void> {
    const failing = deferred();
    const call = callUntilThrown(onEvent, (thrown) => {
      failing.reject(thrown);
      this.#ticker.close();
      void this.#generation.cancel();
    });
    const callLate = (summary: SummaryEvent): void => {
      call(summary);
      this.#ticker.wait(callLate);
    };
    const reading = this.#generation.forEach((event) => {
      const summary = this.#ticker.take(event);
      const last = endsStream(event);
      if (summary && last) call(summary);
      call(event);
      if (summary && !last) call(summary);
      if (last) this.#ticker.close();
      else this.#ticker.wait(callLate);
    });
    await Promise.race([failing.promise, reading]);
  }

  result(): Promise<GenerationResult> {
    return this.#generation.result();
  }

  text(): Promise<string> {
    return this.#generation.text();
  }

  cancel(): Promise<void> {
    return this.#generation.cancel();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#generation[Symbol.asyncDispose]();
  }
}
