import { expect, test } from 'vitest';

import { reasoningWords } from './reasoning-words.ts';

test('reasoning tells its time and tokens', () => {
  expect(reasoningWords({ live: false, tokens: 340, ms: 12_400 })).toBe('Thought for 12 s · 340 tokens');
  expect(reasoningWords({ live: false, tokens: 1, ms: 900 })).toBe('Thought for 0.90 s · 1 token');
});

test('reasoning that goes on counts whole seconds', () => {
  expect(reasoningWords({ live: true, tokens: 20, ms: 2900 })).toBe('Thinking for 2 s · 20 tokens');
  expect(reasoningWords({ live: true, tokens: 3, ms: 400 })).toBe('Thinking · 3 tokens');
});

test('reasoning without figures is named', () => {
  expect(reasoningWords({ live: false, tokens: 0, ms: 0 })).toBe('Its thoughts');
});
