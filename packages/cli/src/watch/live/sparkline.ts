const blocks = '▁▂▃▄▅▆▇█';

/** Draws values, the oldest first, as a line of at most `cells` bars. Each bar is the mean of its values; 0 is a blank. */
export function sparkline(values: readonly number[], cells: number): string {
  const each = Math.ceil(values.length / Math.max(1, cells));
  const means: number[] = [];
  // From the latest on, so that the last bar always has all of its values.
  for (let end = values.length; end > 0; end -= each) {
    const some = values.slice(Math.max(0, end - each), end);
    means.unshift(some.reduce((sum, value) => sum + value, 0) / some.length);
  }
  const most = Math.max(...means);
  return means.map((mean) => (mean > 0 ? blocks[Math.ceil((mean / most) * blocks.length) - 1] : ' ')).join('');
}
