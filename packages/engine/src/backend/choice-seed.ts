/** A choice's own seed, so that the choices' texts differ. Undefined when the request has no seed. */
export function choiceSeed(seed: number | undefined, choice: number): number | undefined {
  return seed === undefined ? undefined : (seed + choice) % 2 ** 32;
}
