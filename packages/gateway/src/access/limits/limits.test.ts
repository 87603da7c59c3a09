import { expect, test } from 'vitest';

import { limitNames, parseLimit, readLimits } from './limits.ts';

test('readLimits uses the default for each limit that is missing', () => {
  expect(readLimits({ requests: 7, generations: undefined })).toEqual({ ...readLimits({}), requests: 7 });
  expect(Object.keys(readLimits({}))).toEqual(limitNames);
});

test.each(limitNames)('parseLimit reads the limit %s from the command line', (name) => {
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
  ['speed=7', /limit speed does not exist; choose one of requests,/],
  ['constructor=7', /limit constructor does not exist/],
])('parseLimit refuses %j and names the remedy', (text, why) => expect(() => parseLimit(text)).toThrow(why));
