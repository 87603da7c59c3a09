/** The seed of one choice. Each choice has its own, or all would have the same text. Undefined when the request has no seed. */
export function choiceSeed(seed: number | undefined, choice: number): number | undefined {
  return seed === undefined ? undefined : (seed + choice) % 2 ** 32;
}
