import type { TokenRates } from '@headway/client';
import { useId } from 'react';

import { rate } from '../words/quantities.ts';
import { curveWords } from './activity-words.ts';
import { curvePath } from './curve-path.ts';

interface SpeedCurveProps {
  name: 'Read' | 'Written';
  values: readonly number[];
  rates: TokenRates;
}

/** A curve spans at least a minute, and at most as many intervals as the gateway tells. */
const leastMs = 60_000;
const height = 32;

/** Tokens a second over the last minutes, as a curve and in words. */
export function SpeedCurve({ name, values, rates }: SpeedCurveProps) {
  const words = useId();
  const intervals = Math.max(values.length, Math.ceil(leastMs / rates.intervalMs));
  const { line, area } = curvePath(values, { intervals, height });
  const latest = values.at(-1) ?? 0;
  const most = Math.max(0, ...values);
  return (
    <figure className="speed-curve" data-kind={name === 'Read' ? 'read' : 'written'} aria-describedby={words}>
      <figcaption>
        <span>{name}</span>
        <span>
          <strong>{latest === 0 ? '0' : rate(latest)}</strong> tokens/s
        </span>
      </figcaption>
      <svg viewBox={`0 -1 ${intervals} ${height + 2}`} preserveAspectRatio="none" aria-hidden="true">
        <path className="speed-area" d={area} />
        <path className="speed-line" d={line} vectorEffect="non-scaling-stroke" />
      </svg>
      <p aria-hidden="true">
        <span>{Math.round((intervals * rates.intervalMs) / 60_000)} min ago</span>
        <span>{most > 0 && `${rate(most)} at most`}</span>
        <span>now</span>
      </p>
      <p id={words} className="visually-hidden">
        {curveWords(values, rates)}
      </p>
    </figure>
  );
}
