/** The share of the full figures that a randomised or soak test runs: all under `npm run soak`, else a tenth. */
export function soakScale(): number {
  return process.env['HEADWAY_SOAK'] === '1' ? 1 : 0.1;
}
