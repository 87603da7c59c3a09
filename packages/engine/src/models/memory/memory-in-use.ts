export interface MemoryReading {
  /** Resident memory of the model's process, in bytes; null when it was not measured. */
  measured: number | null;
  /** What the model was expected to take, in bytes. */
  expected: number;
  /** The device that computes; null when unknown. */
  device: string | null;
}

/** Whether a model's process holds all of it in RAM: a GPU's memory is not counted there. `device` is null when unknown. */
export function isAllInRam(device: string | null): boolean {
  return device === null || device === 'cpu';
}

/**
 * The memory that a loaded model takes, in bytes: what its process has in RAM. A GPU's memory is not in there, so where one
 * computes, the expectation stands if it is larger.
 */
export function memoryInUse({ measured, expected, device }: MemoryReading): number {
  if (measured === null) return expected;
  return isAllInRam(device) ? measured : Math.max(measured, expected);
}
