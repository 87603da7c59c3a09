import { median, quantile, round } from '../statistics.ts';
import type { Driven } from './drive.ts';

/** The part of a run in which caches, logs and heaps fill. */
const warmUp = 0.25;
/** Most growth of the memory from the end of the warm-up to the end, as a share of its median. */
const mostGrowth = 0.1;
/** Most that the last quarter's latency may be of the first's. */
const mostLatency = { median: 1.25, p99: 1.5 };

export interface Flatness {
  requests: number;
  cancelled: number;
  rssMiB: { afterWarmUp: number; end: number; growth: number };
  firstTokenMs: { first: Quarter; last: Quarter };
  /** What is not flat; empty where all is. */
  failures: string[];
}

interface Quarter {
  median: number;
  p99: number;
}

/** Whether memory and latency stayed what they were. The growth is that of a straight line through the samples. */
export function flatnessOf({ requests, cancelled, latencies, memory }: Driven): Flatness {
  const settled = memory.filter(({ at }) => at >= warmUp);
  const typical = median(settled.map(({ rssMiB }) => rssMiB));
  const slope = slopeOf(settled.map(({ at, rssMiB }) => [at, rssMiB]));
  const growth = (slope * (1 - warmUp)) / typical;
  const quarter = (from: number, to: number): Quarter => {
    const own = latencies.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms);
    return { median: round(median(own), 2), p99: round(quantile(own, 0.99), 2) };
  };
  const [first, last] = [quarter(0, 0.25), quarter(0.75, Number.POSITIVE_INFINITY)];
  const failures: string[] = [];
  if (growth > mostGrowth) failures.push(`memory grew by ${round(growth * 100)} % after the warm-up`);
  for (const of of ['median', 'p99'] as const) {
    const ratio = last[of] / first[of];
    if (ratio > mostLatency[of]) failures.push(`the ${of} of first tokens rose to ${round(ratio, 2)} times`);
  }
  const tenth = settled.slice(0, Math.ceil(settled.length / 10));
  return {
    requests,
    cancelled,
    rssMiB: {
      afterWarmUp: round(median(tenth.map(({ rssMiB }) => rssMiB))),
      end: round(median(settled.slice(-tenth.length).map(({ rssMiB }) => rssMiB))),
      growth: round(growth, 3),
    },
    firstTokenMs: { first, last },
    failures,
  };
}

/** Of the line with the least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const both = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return both / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
