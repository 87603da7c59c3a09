import { expect, test } from 'vitest';

import { bytes, duration, parameters, rate, timeToGo, tokens } from './quantities.ts';

test('tokens have thousands separators and a singular', () => {
  expect(tokens(20_000)).toBe('20,000 tokens');
  expect(tokens(1)).toBe('1 token');
});

test('a time to go is rounded up', () => {
  expect([0, 30, 412, 1000, 1001, 6600, 60_000, 124_100, 3_600_000].map(timeToGo)).toEqual([
    '0.1 s',
    '0.1 s',
    '0.5 s',
    '1 s',
    '2 s',
    '7 s',
    '1 min',
    '2 min 5 s',
    '1 h',
  ]);
});

test('a measured time keeps two digits', () => {
  expect([712, 7120, 12_400, 125_000].map(duration)).toEqual(['0.71 s', '7.1 s', '12 s', '2 min 5 s']);
});

test('a rate below 100 keeps one decimal', () => {
  expect([44.14, 4310.2].map(rate)).toEqual(['44.1', '4,310']);
});

test('sizes are decimal, as file managers show them', () => {
  expect([12, 3210, 12_345, 5_335_104, 4.2e9].map(bytes)).toEqual(['12 bytes', '3.2 kB', '12 kB', '5.3 MB', '4.2 GB']);
});

test('the parameters of a model have their unit as a word', () => {
  expect([4_951_296, 7_600_000_000].map(parameters)).toEqual(['4.95 million', '7.6 billion']);
});
