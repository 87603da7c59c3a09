import type { Peer } from '../peers/peer.ts';
import { median, quantile } from '../statistics.ts';
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

export interface StampedFigures {
  tokensPerSecond: number;
  /** From writing to arrival, in µs. */
  p50Us: number;
  p99Us: number;
}

export interface StampedComparison extends StampedLoad {
  direct: StampedFigures;
  through: StampedFigures;
  /** Medians of the rounds' ratios and differences. */
  ratio: { tokensPerSecond: number; p50: number; p99: number };
  addedUs: { p50: number; p99: number };
  /** Of the gateway, in µs. */
  processorUsPerToken: number;
}

/** Tokens at the beginning of a stream that do not count: not all streams write yet. */
const warmUp = 5;

/** Streams from the upstream directly and through the gateway, in turns. */
export async function compareStamped(
  { direct, through }: { direct: Peer; through: Peer },
  load: StampedLoad,
  rounds: number,
): Promise<StampedComparison> {
  let spentMs = 0;
  const pairs = await inTurns(rounds, {
    direct: () => measure(direct.url, load),
    through: async () => {
      const before = processorMs(through);
      const figures = await measure(through.url, load);
      spentMs += processorMs(through) - before;
      return figures;
    },
  });
  const of = (side: 'direct' | 'through', figure: keyof StampedFigures) =>
    median(pairs.map((pair) => pair[side][figure]));
  const ratio = (figure: keyof StampedFigures) =>
    median(pairs.map((pair) => pair.through[figure] / pair.direct[figure]));
  const added = (figure: keyof StampedFigures) =>
    median(pairs.map((pair) => pair.through[figure] - pair.direct[figure]));
  const figures = (side: 'direct' | 'through') => ({
    tokensPerSecond: of(side, 'tokensPerSecond'),
    p50Us: of(side, 'p50Us'),
    p99Us: of(side, 'p99Us'),
  });
  return {
    ...load,
    direct: figures('direct'),
    through: figures('through'),
    ratio: { tokensPerSecond: ratio('tokensPerSecond'), p50: ratio('p50Us'), p99: ratio('p99Us') },
    addedUs: { p50: added('p50Us'), p99: added('p99Us') },
    processorUsPerToken: (spentMs * 1000) / (rounds * load.streams * load.tokens),
  };
}

async function measure(url: string, { streams, ...stream }: StampedLoad): Promise<StampedFigures> {
  const answers = await Promise.all(Array.from({ length: streams }, () => readStamped(url, stream)));
  const late = answers.flatMap(({ lateUs }) => lateUs.slice(warmUp));
  const from = Math.min(...answers.map(({ firstUs }) => firstUs));
  const to = Math.max(...answers.map(({ lastUs }) => lastUs));
  return {
    tokensPerSecond: (streams * stream.tokens * 1e6) / (to - from),
    p50Us: quantile(late, 0.5),
    p99Us: quantile(late, 0.99),
  };
}
