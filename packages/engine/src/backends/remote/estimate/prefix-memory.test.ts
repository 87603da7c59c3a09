import { expect, it } from 'vitest';

import { prefixBlocks } from './prefix-blocks.ts';
import { PrefixMemory } from './prefix-memory.ts';

const words = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at} `).join('');
/** A prompt with a token for every four characters. */
const prompt = (text: string, owner = 'a') => ({
  blocks: prefixBlocks(text, owner),
  characters: text.length,
  tokens: Math.ceil(text.length / 4),
});

it('forecasts the prefix that was sent before, and nothing to another owner', () => {
  const memory = new PrefixMemory();
  const start = words('start', 500);
  expect(memory.send(prompt(start)).cached).toBe(0);
  const next = memory.send(prompt(start + words('next', 300)));
  expect(next.cached / (start.length / 4)).toBeGreaterThan(0.95);
  expect(next.cached).toBeLessThanOrEqual(start.length / 4);
  expect(memory.send(prompt(start, 'b')).cached).toBe(0);
});

it('forecasts fewer tokens than the prompt has, also for the same prompt again', () => {
  const memory = new PrefixMemory();
  const same = prompt('x'.repeat(64 * 4));
  memory.send(same);
  expect(memory.send(same).cached).toBe(same.tokens - 1);
});

it('learns that an upstream without a cache reuses nothing', () => {
  const memory = new PrefixMemory();
  const text = words('start', 500);
  for (let round = 0; round < 3; round++) memory.send(prompt(text)).usage(0);
  expect(memory.send(prompt(text)).cached).toBe(0);
});

it('learns how much an upstream holds, and that it holds more again', () => {
  const memory = new PrefixMemory();
  const old = prompt(words('old', 500));
  const other = (name: string) => memory.send(prompt(words(name, 2000)));
  memory.send(old);
  other('first');
  memory.send(old).usage(0);
  other('second');
  const forgotten = memory.send(old);
  expect(forgotten.cached).toBe(0);
  expect(memory.send(old).cached).toBeGreaterThan(0.9 * old.tokens);
  forgotten.usage(old.tokens - 1);
  other('third');
  expect(memory.send(old).cached).toBeGreaterThan(0);
});

it('remembers at most its limit of blocks, the starts longest', () => {
  const memory = new PrefixMemory({ limit: 40 });
  const text = words('long', 700);
  memory.send(prompt(text));
  expect(memory.size).toBe(40);
  const { cached } = memory.send(prompt(text));
  expect(cached).toBeGreaterThan(0);
  expect(cached).toBeLessThanOrEqual(40 * 16);
});
