import { InvalidArgumentError } from 'commander';

/** Bytes of a unit, by its first letter; those with an `i` count in powers of 1,024. */
const powers: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };

/** Parses a size such as `6GB`, `512MB`, `1.5GiB`, or `50%` of `whole`. Returns bytes. */
export function parseSize(text: string, whole: number): number {
  const [, number, unit = '', binary] = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(i)?b?|%)$/i.exec(text.trim()) ?? [];
  const power = powers[unit.toLowerCase()];
  const bytes =
    number === undefined
      ? 0
      : power === undefined
        ? (Math.min(Number(number), 100) / 100) * whole
        : Number(number) * (binary === undefined ? 1000 : 1024) ** power;
  if (bytes >= 1) return Math.floor(bytes);
  throw new InvalidArgumentError('Use a size such as 6GB, 512MB or 1.5GiB, or a share of this machine such as 50%.');
}
