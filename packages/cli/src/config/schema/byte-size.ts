const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Sizes that `parseByteSize` reads, for a JSON schema. */
export const byteSizePattern = /^\d{1,15}(\.\d{1,6})?\s?([kKmMgGtT][iI]?)?[bB]?$/;

/** Reads `8GB` (8,000,000,000 bytes), `8 GiB` (8 × 2^30) or a number of bytes; null for anything else, and for zero. */
export function parseByteSize(text: string): number | null {
  if (!byteSizePattern.test(text)) return null;
  const [, digits = '', unit = ''] = /^([\d.]+)\s?(.*)$/.exec(text) ?? [];
  const factor = units[unit.toLowerCase()] ?? units[`${unit.toLowerCase()}b`];
  const bytes = Math.round(Number(digits) * (factor ?? Number.NaN));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}
