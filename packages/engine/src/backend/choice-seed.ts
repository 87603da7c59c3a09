/** The seed of a request's choice: each has its own, or all would be the same text. Undefined when the request has none. */
export function choiceSeed(seed: number | undefined, choice: number): number | undefined {
  return seed === undefined ? undefined : (seed + choice) % 2 ** 32;
}
