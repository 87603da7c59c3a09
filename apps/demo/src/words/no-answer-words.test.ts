import { expect, test } from 'vitest';

import { noAnswerWords } from './no-answer-words.ts';

test('an answer without text says why', () => {
  const words = (finishReason: 'stop' | 'length' | 'cancelled', completionTokens: number, reasoning = '') =>
    noAnswerWords({ finishReason, completionTokens, reasoning });
  expect(words('cancelled', 0)).toBe('Stopped before the first word.');
  expect(words('cancelled', 3)).toBe('Stopped before the answer.');
  expect(words('stop', 1)).toBe('The model wrote nothing.');
  expect(words('length', 60)).toMatch(/cut the call of a tool\. Allow a longer answer/);
  expect(words('length', 60, 'Hm')).toMatch(/cut the thoughts/);
});
