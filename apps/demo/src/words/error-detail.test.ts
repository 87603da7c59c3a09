import { expect, test } from 'vitest';

import { errorDetail } from './error-detail.ts';

const id = '0123456789abcdef0123456789abcdef';

test.each(['generation-not-found', 'abandoned', 'connection-lost'] as const)('%s is told without an id', (code) => {
  const detail = errorDetail({ code, message: `the generation ${id} is gone; send the request again` });
  expect(detail).not.toContain(id);
  expect(detail).toMatch(/^[A-Z].*\.$/);
});

test('a failure inside the gateway promises nothing of another try', () => {
  expect(errorDetail({ code: 'internal', message: 'the engine failed: out of luck' })).toBe(
    'The engine failed: out of luck. Your message is not lost. It may work another time, or not; the gateway’s log says more.',
  );
});

test('what the wire says for people is shown as a sentence', () => {
  expect(errorDetail({ code: 'context-overflow', message: 'the prompt has 9,000 tokens; shorten it' })).toBe(
    'The prompt has 9,000 tokens; shorten it.',
  );
});
