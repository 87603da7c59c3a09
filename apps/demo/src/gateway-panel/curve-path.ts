export interface CurveBox {
  /** Intervals from the left edge to the right. */
  intervals: number;
  height: number;
}

/**
 * The SVG path of a speed curve: one unit wide an interval, the latest at the right edge, the highest value at the top. Empty
 * without values.
 */
export function curvePath(values: readonly number[], { intervals, height }: CurveBox): { line: string; area: string } {
  const most = Math.max(0, ...values);
  if (values.length === 0 || most === 0) return { line: '', area: '' };
  const left = intervals - values.length;
  const points = values.map((value, at) => `${left + at + 1} ${round(height - (height * value) / most)}`);
  // An interval alone is a level line.
  const line = `M${left} ${points[0]?.split(' ')[1] ?? height}L${points.join('L')}`;
  return { line, area: `${line}V${height}H${left}Z` };
}

const round = (value: number) => Math.round(value * 100) / 100;
