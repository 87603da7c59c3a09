import type { Peer } from '../peers/peer.ts';
import { median, quantile } from '../statistics.ts';
import { nowUs } from '../gateway/stamped-backend.ts';
import { inTurns } from './in-turns.ts';
import { processorMs } from './processor-ms.ts';
import { readStamped } from './read-stamped.ts';

export interface StampedLoad {
  streams: number;
  /** Tokens of each stream. */
  tokens: number;
  /** Time between two tokens of a stream; 0: as fast as they are read. */
  everyMs: number;
}

/**
 * What is paced counts while all streams write: from the last one's first token to the first one's last. What is not
 * counts as a whole.
 */
export interface StampedFigures {
  tokensPerSecond: number;
  /** From writing to arrival, in µs. */
  p50Us: number;
  p99Us: number;
  /** Processor time of the server that was asked, in µs. */
  processorUsPerToken: number;
}

export interface StampedComparison extends StampedLoad {
  direct: StampedFigures;
  through: StampedFigures;
  /** Medians of the rounds' ratios and differences. */
  ratio: { tokensPerSecond: number; p50: number; p99: number };
  addedUs: { p50: number; p99: number };
}

/** Streams from the upstream directly and through the gateway, in turns. */
export async function compareStamped(
  { direct, through }: { direct: Peer; through: Peer },
  load: StampedLoad,
  rounds: number,
): Promise<StampedComparison> {
  const pairs = await inTurns(rounds, { direct: () => measure(direct, load), through: () => measure(through, load) });
  type Figure = keyof StampedFigures;
  const ratio = (figure: Figure) => median(pairs.map((pair) => pair.through[figure] / pair.direct[figure]));
  const added = (figure: Figure) => median(pairs.map((pair) => pair.through[figure] - pair.direct[figure]));
  const figures = (side: 'direct' | 'through'): StampedFigures => {
    const of = (figure: Figure) => median(pairs.map((pair) => pair[side][figure]));
    return {
      tokensPerSecond: of('tokensPerSecond'),
      p50Us: of('p50Us'),
      p99Us: of('p99Us'),
      processorUsPerToken: of('processorUsPerToken'),
    };
  };
  return {
    ...load,
    direct: figures('direct'),
    through: figures('through'),
    ratio: { tokensPerSecond: ratio('tokensPerSecond'), p50: ratio('p50Us'), p99: ratio('p99Us') },
    addedUs: { p50: added('p50Us'), p99: added('p99Us') },
  };
}

interface Moment {
  atUs: number;
  processorMs: number;
}

async function measure(server: Peer, { streams, tokens, everyMs }: StampedLoad): Promise<StampedFigures> {
  const firsts: Moment[] = [];
  const lasts: Moment[] = [];
  const [beginsAt, endsAt] = everyMs > 0 ? [streams, 1] : [1, streams];
  const now = (): Moment => ({ atUs: nowUs(), processorMs: processorMs(server) });
  const late: number[] = [];
  const onToken = (number: number, lateUs: number) => {
    if (firsts.length >= beginsAt && lasts.length < endsAt) late.push(lateUs);
    if (number === 0) firsts.push(now());
    if (number === tokens - 1) lasts.push(now());
  };
  const reading = Array.from({ length: streams }, () => readStamped(server.url, { everyMs, tokens, onToken }));
  await Promise.all(reading);
  const [from, to] = [firsts[beginsAt - 1], lasts[endsAt - 1]];
  if (!from || !to || to.atUs <= from.atUs) throw new Error('a stream ended before all had begun; use more --seconds');
  return {
    tokensPerSecond: (late.length * 1e6) / (to.atUs - from.atUs),
    p50Us: quantile(late, 0.5),
    p99Us: quantile(late, 0.99),
    processorUsPerToken: ((to.processorMs - from.processorMs) * 1000) / late.length,
  };
}
