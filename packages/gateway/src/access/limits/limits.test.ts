import { expect, test } from 'vitest';

import { limitNames, parseLimit, readLimits } from './limits.ts';

test('what is not given has its default', () => {
  expect(readLimits({ requests: 7, generations: undefined })).toEqual({ ...readLimits({}), requests: 7 });
  expect(Object.keys(readLimits({}))).toEqual(limitNames);
});

test.each(limitNames)('%s is read from the command line', (name) => {
  expect(parseLimit(`${name}=12`)).toEqual({ [name]: 12 });
});

test.each([
  ['requests', /write it like requests=600/],
  ['requests=', /write it like/],
  ['requests=many', /write it like/],
  ['requests=-1', /write it like/],
  ['requests=1.5', /write it like/],
  ['requests=0', /requests must be a whole number from 1/],
  ['requests=999999999999', /requests must be a whole number from 1/],
  ['speed=7', /limit speed is not one; there are requests,/],
  ['constructor=7', /limit constructor is not one/],
])('%j is refused with the remedy', (text, why) => expect(() => parseLimit(text)).toThrow(why));
