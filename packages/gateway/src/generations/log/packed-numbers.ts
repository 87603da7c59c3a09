/** Numbers by index, which do not change. */
export type PackedNumbers = Progression | Uint16Array | Uint32Array | Float64Array;

/** Has the number `first + index * step` at each index. */
interface Progression {
  first: number;
  step: number;
}

/**
 * Packs finite numbers without loss: an arithmetic progression into its first term and its step, whole numbers into 2 or
 * 4 bytes each, and all others into 8.
 */
export function packNumbers(numbers: Float64Array): PackedNumbers {
  const [first = 0, second = first] = numbers;
  const step = second - first;
  let progression = true;
  let whole = true;
  let most = 0;
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] ?? 0;
    progression &&= number === first + index * step;
    // A shift by none leaves only whole numbers of 32 bits as they are.
    whole &&= number === number >>> 0;
    if (number > most) most = number;
  }
  if (progression) return { first, step };
  if (whole) return most < 2 ** 16 ? new Uint16Array(numbers) : new Uint32Array(numbers);
  return numbers.slice();
}

export function readPacked(packed: PackedNumbers, index: number): number {
  return 'step' in packed ? packed.first + index * packed.step : (packed[index] ?? 0);
}

/** Memory of the numbers themselves, in bytes. */
export function packedBytes(packed: PackedNumbers): number {
  return 'step' in packed ? 16 : packed.byteLength;
}
