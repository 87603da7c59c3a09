import { expect, test } from 'vitest';

import { gatewayUrl } from './gateway-url.ts';

test.each([
  ['http://127.0.0.1:4477', 'http://127.0.0.1:4477'],
  ['http://127.0.0.1:4477/', 'http://127.0.0.1:4477'],
  ['http://127.0.0.1:4477/v1', 'http://127.0.0.1:4477'],
  ['https://models.example/headway/v1/', 'https://models.example/headway'],
  ['https://models.example/v12', 'https://models.example/v12'],
])('%s is the gateway at %s', (typed, url) => {
  expect(gatewayUrl(typed)).toBe(url);
});

test.each(['127.0.0.1:4477', 'ws://127.0.0.1', ''])('%j is refused', (typed) => {
  expect(() => gatewayUrl(typed)).toThrow(/^--url .*is not an http or https URL; give the gateway's/);
});
