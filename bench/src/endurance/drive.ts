import { setTimeout as pause } from 'node:timers/promises';

import { ask, firstTextMs } from '../peers/ask.ts';
import { createPrompts } from '../peers/prompts.ts';

export interface DriveOptions {
  /** Clients that send one request after another. */
  clients: number;
  seed: number;
  /** Share of the run that is done, 0 to 1. */
  done: () => number;
  rssMiB: () => number;
  /** Between two readings of the memory. */
  sampleMs: number;
}

export interface Driven {
  requests: number;
  cancelled: number;
  /** When an answer began, as a share of the run, and its time from the request to the first text, in ms. */
  latencies: { at: number; ms: number }[];
  memory: { at: number; rssMiB: number }[];
}

/** Requests of this share are cancelled after some of their text. */
const cancelledShare = 0.1;
const sizes = { prompt: [30, 600], write: [4, 60] } as const;

/** Keeps a server busy with requests of all sizes, some of them cancelled, until the run is done. */
export async function drive(url: string, { clients, seed, done, rssMiB, sampleMs }: DriveOptions): Promise<Driven> {
  const driven: Driven = { requests: 0, cancelled: 0, latencies: [], memory: [] };
  const prompts = (await createPrompts(url))();
  const random = createRandom(seed);
  const between = ([least, most]: readonly [number, number]) => Math.round(least + random() * (most - least));

  const one = async () => {
    const abort = new AbortController();
    const leaveAt = random() < cancelledShare ? between([1, 4]) : Number.POSITIVE_INFINITY;
    let pieces = 0;
    const onText = () => {
      if (++pieces >= leaveAt) abort.abort();
    };
    const request = ask(url, prompts.ofTokens(between(sizes.prompt)), {
      maxTokens: between(sizes.write),
      signal: abort.signal,
      onText,
    });
    driven.requests++;
    try {
      driven.latencies.push({ at: done(), ms: firstTextMs(await request) });
    } catch (thrown) {
      if (!abort.signal.aborted) throw thrown;
      driven.cancelled++;
    }
  };
  const client = async () => {
    while (done() < 1) await one();
  };
  const sampler = async () => {
    while (done() < 1) {
      driven.memory.push({ at: done(), rssMiB: rssMiB() });
      await pause(sampleMs);
    }
  };
  await Promise.all([sampler(), ...Array.from({ length: clients }, client)]);
  return driven;
}

/** Pseudo-random numbers from 0 to 1 (Park and Miller's generator). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
