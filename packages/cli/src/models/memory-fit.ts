/** In tokens. A model with memory for less context than this counts as not fitting. */
export const leastUsefulContext = 4096;

/** The share of the memory for other programs. */
const reserve = 0.1;

export type MemoryFit = 'yes' | 'with less context' | 'no';

export interface MemoryNeeds {
  /** The memory in bytes with the model's whole trained context. */
  whole: number;
  /** The memory in bytes with `leastUsefulContext`. */
  least: number;
}

/** Whether a model fits into the memory, in bytes. */
export function memoryFit({ whole, least }: MemoryNeeds, memory: number): MemoryFit {
  const room = memory * (1 - reserve);
  if (whole <= room) return 'yes';
  return least <= room ? 'with less context' : 'no';
}
