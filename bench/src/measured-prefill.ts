import type { GenerateInput } from '@headway/protocol';
import type { Clock, Engine } from '@headway/engine';

/** The predicted and the measured times of a request. */
export interface Measurement {
  tokens: number;
  cached: number;
  /** Time to first token, predicted and measured. */
  predictedMs: number;
  firstTokenMs: number;
  /** Relative errors of `etaMs` when prefill had read these shares of the uncached prompt. */
  etas: { share: number; error: number }[];
}

const shares = [0.25, 0.5, 0.75];

/** Gets an estimate, then sends the request. */
export async function measurePrefill(engine: Engine, request: GenerateInput, clock: Clock): Promise<Measurement> {
  const estimate = await engine.estimate(request);
  const start = clock.now();
  const reported: { share: number; at: number; etaMs: number }[] = [];
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
    if (processed === null || total === null || etaMs === null)
      throw new Error('a prefill event has no processed, total or etaMs');
    reported.push({ share: (processed - cached) / (total - cached), at, etaMs });
    read = at;
  }
  const { timeToFirstTokenMs: predictedMs, tokens } = estimate;
  if (predictedMs === null || first === null)
    throw new Error('the estimate has no timeToFirstTokenMs, or no token came');
  if (cached !== estimate.cached)
    throw new Error(`the estimate has ${estimate.cached} cached tokens, the generation ${cached}`);
  const etas = shares.flatMap((share) => {
    const event = reported.find((one) => one.share >= share && one.share < share + 0.2);
    return event && read > event.at ? [{ share, error: event.etaMs / (read - event.at) - 1 }] : [];
  });
  return { tokens, cached, predictedMs, firstTokenMs: first - start, etas };
}
