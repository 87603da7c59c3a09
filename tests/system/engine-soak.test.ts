import { getEventListeners, setMaxListeners } from 'node:events';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama, type Engine } from '@headway/engine';
import { isTerminal, type Generation, type GenerationEvent } from '@headway/protocol';
import { invariantViolations } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { settledMemory } from '../src/memory.ts';
import { soakScale } from '../src/soak-scale.ts';
import {
  contextSize,
  isDue,
  momentOf,
  moments,
  planSoak,
  type Moment,
  type PlannedRequest,
} from './engine-soak-plan.ts';

const count = 500 * soakScale();
const seed = soakScale() < 1 ? 4477 : Math.floor(Math.random() * 2 ** 31);
const parallel = 4;
const maxQueue = 16;
const queueTimeoutMs = 20_000;

/**
 * Bytes by which memory may grow without a leak. In five rounds of 500 generations in one process the heap grew by 1 MiB in
 * the first round and then by nothing, and the resident memory by 12, 4, 0, 3 and 0 MiB.
 */
const noise: Record<'heapUsed' | 'external' | 'rss', number> = {
  heapUsed: 3 * 2 ** 20,
  external: 2 ** 18,
  rss: 48 * 2 ** 20,
};

/** The summary of a stream. Its events are not kept, because they would fill the memory. */
interface Outcome {
  /** A finish reason or an error code: of the first choice, unless one was cancelled. */
  end: string;
  /** The point at which it was cancelled; null when it was not. */
  cancelledAt: Moment | null;
  planned: boolean;
  /** Missing or extra terminal events. */
  unended: number;
  violations: string[];
}

/** Starts each request after the steps that it waits for, or when no other request runs. */
class Soak {
  readonly #engine: Engine;
  /** A signal for each owner that never aborts, like a server's own shutdown signal. */
  readonly signals = new Map<string, AbortSignal>();
  readonly generations: WeakRef<Generation>[] = [];
  #steps = 0;
  #running = 0;
  #wake: () => void = () => undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async run(plan: readonly PlannedRequest[]): Promise<Outcome[]> {
    const outcomes: Promise<Outcome>[] = [];
    for (const planned of plan) {
      const due = this.#steps + planned.after;
      while (this.#steps < due && this.#running > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#running++;
      outcomes.push(this.#follow(planned));
    }
    return Promise.all(outcomes);
  }

  async #follow(planned: PlannedRequest): Promise<Outcome> {
    const { owner, input, cancel } = planned;
    const abort = new AbortController();
    const signal = cancel?.by === 'signal' ? abort.signal : this.#signalOf(owner);
    const events: GenerationEvent[] = [];
    const generation = this.#engine.generate(input, { owner, signal });
    this.generations.push(new WeakRef(generation));
    let left = false;
    for await (const event of generation) {
      events.push(event);
      if (momentOf(event) !== 'queued') this.#step();
      if (!isDue(planned, event)) continue;
      if (cancel?.by === 'generation') void generation.cancel();
      else if (cancel?.by === 'engine') this.#engine.cancel(generation.id, 'cancelled', owner);
      else if (cancel?.by === 'signal') abort.abort();
      else {
        left = true;
        break;
      }
    }
    const ended = await generation.result().then(
      ({ choices }) => choices.find(({ finishReason }) => finishReason === 'cancelled') ?? choices[0],
      ({ code }: { code: string }) => ({ finishReason: code }),
    );
    const end = ended?.finishReason ?? 'none';
    this.#running--;
    this.#step();
    const last = events.findLast((event) => momentOf(event) !== null);
    return {
      end,
      cancelledAt: end === 'cancelled' && last ? momentOf(last) : null,
      planned: cancel !== null,
      // A broken loop gets no end, but its result has it. A refused request has no choices.
      unended: left ? 0 : events.filter(isTerminal).length - (events.length === 1 ? 1 : (input.choices ?? 1)),
      violations: left ? [] : invariantViolations(events, { maxTokens: input.maxTokens }),
    };
  }

  #signalOf(owner: string): AbortSignal {
    const known = this.signals.get(owner);
    if (known) return known;
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    this.signals.set(owner, signal);
    return signal;
  }

  #step(): void {
    this.#steps++;
    this.#wake();
  }
}

function countBy<T extends string>(values: readonly (T | null)[]): Partial<Record<T, number>> {
  const counts: Partial<Record<T, number>> = {};
  for (const value of values) if (value !== null) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Resources that keep this process alive, without timers. */
const handles = () => process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout');
const timers = () => process.getActiveResourcesInfo().length - handles().length;

/** Handles close some loop iterations later, and the test runner's own timer may or may not exist. */
async function expectNothingActiveBut(before: readonly string[]): Promise<void> {
  const start = performance.now();
  const isClean = () => timers() === 0 && handles().length === before.length;
  while (!isClean() && performance.now() - start < 3_000) await new Promise((resolve) => setImmediate(resolve));
  expect({ timers: timers(), handles: handles() }).toEqual({ timers: 0, handles: before });
}

test(
  `${count} generations that start and end at random leave nothing behind (seed ${seed})`,
  { timeout: 1_800_000 },
  async ({ annotate }) => {
    const active = handles();
    await using engine = await createEngine({
      backend: llama({
        model: storytellerPath,
        gpu: false,
        threads: 1,
      }),
      parallel,
      maxQueue,
      queueTimeoutMs,
      contextSize,
    });
    await new Soak(engine).run(planSoak(50, seed + 1));
    const before = await settledMemory();

    const soak = new Soak(engine);
    const outcomes = await soak.run(planSoak(count, seed));
    expect(await engine.activity()).toMatchObject({ slots: { total: parallel, busy: 0 }, queued: 0 });

    expect(outcomes).toHaveLength(count);
    expect(outcomes.flatMap(({ violations }) => violations)).toEqual([]);
    expect(outcomes.filter(({ unended }) => unended !== 0)).toEqual([]);
    expect(outcomes.filter(({ end, planned }) => end === 'cancelled' && !planned)).toEqual([]);
    const ends = countBy(outcomes.map(({ end }) => end));
    const cancels = countBy(outcomes.map(({ cancelledAt }) => cancelledAt));
    const known = ['stop', 'length', 'cancelled', 'queue-full', 'queue-timeout', 'context-overflow'];
    expect(Object.keys(ends).filter((end) => !known.includes(end))).toEqual([]);
    for (const moment of moments)
      expect([moment, cancels[moment] ?? 0]).toEqual([
        moment,
        expect.toSatisfy((times: number) => times >= count / 50),
      ]);

    const after = await settledMemory();
    await expectNothingActiveBut(active);
    expect([...soak.signals.values()].flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([]);
    expect(soak.generations.filter((generation) => generation.deref())).toEqual([]);
    const kinds = ['heapUsed', 'external', 'rss'] as const;
    const grown = Object.fromEntries(kinds.map((kind) => [kind, after[kind] - before[kind]]));
    await annotate(JSON.stringify({ ends, cancels, grown }));
    for (const kind of kinds)
      expect([kind, grown[kind]]).toEqual([kind, expect.toSatisfy((bytes: number) => bytes < noise[kind])]);

    // All slots can be used again, at once.
    const again: GenerationEvent[] = [];
    const all = { prompt: 'Once upon a time', choices: parallel, maxTokens: 4, ignoreEos: true };
    for await (const event of engine.generate(all)) again.push(event);
    expect(again[0]).toMatchObject({ type: 'prefill', phase: 'prefill' });
    expect(again.filter((event) => event.type === 'done' && event.finishReason === 'length')).toHaveLength(parallel);
  },
);
