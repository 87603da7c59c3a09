/** How far a compilation is, from 0 to 1, by a line of Ninja (`[12/148] …`) or make (`[ 45%] …`); null for other lines. */
export function compileProgress(line: string): number | null {
  const [, done, total] = /^\[(\d+)\/(\d+)\]/.exec(line) ?? [];
  if (done !== undefined && total !== undefined && Number(total) > 0) return Math.min(1, Number(done) / Number(total));
  const [, percent] = /^\[\s*(\d+)%\]/.exec(line) ?? [];
  return percent === undefined ? null : Math.min(1, Number(percent) / 100);
}
