/** A context that is of use: models with less room than this are counted as not fitting. */
export const leastUsefulContext = 4096;

/** Of the memory, what is left to everybody else. */
const reserve = 0.1;

export type MemoryFit = 'yes' | 'with less context' | 'no';

export interface MemoryNeeds {
  /** In bytes, with the whole context that the model was trained for. */
  whole: number;
  /** In bytes, with `leastUsefulContext`. */
  least: number;
}

/** Whether a model fits into so many bytes of memory. */
export function memoryFit({ whole, least }: MemoryNeeds, memory: number): MemoryFit {
  const room = memory * (1 - reserve);
  if (whole <= room) return 'yes';
  return least <= room ? 'with less context' : 'no';
}
