import fc from 'fast-check';
import { expect, test } from 'vitest';

import { packNumbers, readPacked } from './packed-numbers.ts';

const read = (numbers: readonly number[]) => {
  const packed = packNumbers(Float64Array.from(numbers));
  return numbers.map((_, index) => readPacked(packed, index));
};

const someNumber = fc.oneof(
  fc.nat(70_000),
  fc.nat(2 ** 33),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
);

test('packed numbers are the same as before', () => {
  fc.assert(
    fc.property(fc.array(someNumber, { maxLength: 130 }), (numbers) => {
      expect(read(numbers)).toEqual(numbers);
    }),
  );
});

test('an arithmetic progression is packed without loss, and so is one that breaks off', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(9), fc.integer({ min: 1, max: 128 }), fc.nat(), (first, step, length, last) => {
      const numbers = [...Array.from({ length }, (_, index) => first + index * step), last];
      expect(read(numbers)).toEqual(numbers);
    }),
  );
});
