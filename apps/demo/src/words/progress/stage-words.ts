import { count, duration, rate, tokens } from '../quantities.ts';

/** A stage of an answer, in the order of the timeline. Times are in ms. */
export type Stage =
  | { kind: 'queued' | 'loading'; ms: number; running: boolean }
  | {
      kind: 'prefill';
      ms: number;
      running: boolean;
      tokens: number;
      cached: number;
      tokensPerSecond: number | null;
      /** The time in which other prompts were read. */
      waitedMs: number;
    }
  | { kind: 'decode'; ms: number; running: boolean; tokens: number; tokensPerSecond: number | null };

/** Less than this, in ms, is no wait that is worth a number. */
const noticed = 50;

/** A stage's name in the timeline. */
export function stageName({ kind, running }: Stage): string {
  switch (kind) {
    case 'queued':
      return 'Queued';
    case 'loading':
      return running ? 'Loading the model' : 'Model loaded';
    case 'prefill':
      return running ? 'Reading' : 'Read';
    case 'decode':
      return running ? 'Writing' : 'Wrote';
    default:
      return kind satisfies never;
  }
}

/** How long it took, or has taken until its latest event. */
export function stageTime(stage: Stage): string {
  if (stage.kind === 'queued' && !stage.running && stage.ms < noticed) return 'no wait';
  return stage.running ? `${duration(stage.ms)} so far` : duration(stage.ms);
}

/** Its tokens and their rate; empty for a stage without. */
export function stageDetail(stage: Stage): string {
  switch (stage.kind) {
    case 'queued':
    case 'loading':
      return '';
    case 'prefill': {
      const { cached, waitedMs } = stage;
      const parts = [withRate(stage)];
      if (cached > 0) parts.push(`${count(cached)} more from cache`);
      if (waitedMs >= noticed) parts.push(`${duration(waitedMs)} of it waiting for other prompts`);
      return parts.join(', ');
    }
    case 'decode':
      return withRate(stage);
    default:
      return stage satisfies never;
  }
}

function withRate({ tokens: some, tokensPerSecond }: { tokens: number; tokensPerSecond: number | null }): string {
  return tokensPerSecond === null ? tokens(some) : `${tokens(some)} at ${rate(tokensPerSecond)} tokens/s`;
}

/** A chart of rates in a sentence, for who cannot see it. */
export function ratesText(what: string, rates: readonly number[], ms: number): string {
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  return `${what}: between ${rate(least)} and ${rate(most)} tokens/s in ${duration(ms)}`;
}
