import type { GenerateInput } from '@headway/protocol';
import type { Clock, Engine } from '@headway/engine';

/** A prompt that was read, beside what had been foretold. */
export interface Reading {
  tokens: number;
  cached: number;
  /** Time to the first token as it was foretold, and as it was. */
  foretoldMs: number;
  firstTokenMs: number;
  /** How far off the time to go was when these shares of the uncached prompt had been read. */
  etas: { share: number; error: number }[];
}

const shares = [0.25, 0.5, 0.75];

/** Asks for an estimate, then sends the request. */
export async function readMeasured(engine: Engine, request: GenerateInput, clock: Clock): Promise<Reading> {
  const estimate = await engine.estimate(request);
  const start = clock.now();
  const told: { share: number; at: number; etaMs: number }[] = [];
  let read = start;
  let first: number | null = null;
  let cached = 0;
  for await (const event of engine.generate(request)) {
    const at = clock.now();
    if (event.type === 'error') throw new Error(event.message);
    if (event.type === 'token') first ??= at;
    if (event.type !== 'prefill' || event.phase !== 'prefill') continue;
    const { processed, total, etaMs } = event;
    cached = event.cached ?? 0;
    if (processed === null || total === null || etaMs === null) throw new Error('a prefill event without numbers');
    told.push({ share: (processed - cached) / (total - cached), at, etaMs });
    read = at;
  }
  const { timeToFirstTokenMs: foretoldMs, tokens } = estimate;
  if (foretoldMs === null || first === null) throw new Error('no time to the first token');
  if (cached !== estimate.cached) throw new Error(`${estimate.cached} tokens were to be cached, ${cached} were`);
  const etas = shares.flatMap((share) => {
    const event = told.find((one) => one.share >= share && one.share < share + 0.2);
    return event && read > event.at ? [{ share, error: event.etaMs / (read - event.at) - 1 }] : [];
  });
  return { tokens, cached, foretoldMs, firstTokenMs: first - start, etas };
}
