import { ratesText } from '../words/progress/stage-words.ts';
import { duration, rate } from '../words/quantities.ts';
import type { RatePoint } from './rates.ts';

/** Height of the drawing; its width is 100. Both are stretched to the place that there is. */
const height = 40;

/** The rates of a phase as steps over time, from zero to the highest; nothing for a phase that was too short. */
export function RateChart({ what, points }: { what: string; points: readonly RatePoint[] }) {
  const last = points.at(-1);
  if (!last) return null;
  const rates = points.map(({ tokensPerSecond }) => tokensPerSecond);
  const most = Math.max(...rates);
  const x = (ms: number) => round((ms / last.toMs) * 100);
  const y = (perSecond: number) => round(most === 0 ? height : height - (perSecond / most) * (height - 1));
  const line = points.map(({ fromMs, toMs, tokensPerSecond }) => {
    const at = y(tokensPerSecond);
    return `${x(fromMs)} ${at}H${x(toMs)}`;
  });
  return (
    <figure className="chart" data-what={what.split(',', 1)[0]}>
      <figcaption>
        {what}, up to {rate(most)} tokens/s
      </figcaption>
      <svg
        role="img"
        aria-label={ratesText(what, rates, last.toMs)}
        viewBox={`0 0 100 ${height}`}
        preserveAspectRatio="none"
      >
        <path className="chart-area" d={`M0 ${height}L${line.join('L')}V${height}Z`} />
        <path className="chart-line" d={`M${line.join('L')}`} />
      </svg>
      <p aria-hidden="true">
        <span>0 s</span>
        <span>{duration(last.toMs)}</span>
      </p>
    </figure>
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
