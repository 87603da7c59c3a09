import { expect, test } from 'vitest';

import { errorDetail } from './error-detail.ts';

const id = '0123456789abcdef0123456789abcdef';

test.each(['generation-not-found', 'abandoned', 'connection-lost'] as const)('the detail of %s names no id', (code) => {
  const detail = errorDetail({ code, message: `the generation ${id} is gone; send the request again` });
  expect(detail).not.toContain(id);
  expect(detail).toMatch(/^[A-Z].*\.$/);
});

test('the detail of an internal error does not promise that another try works', () => {
  expect(errorDetail({ code: 'internal', message: 'the engine failed: out of luck' })).toBe(
    'The engine failed: out of luck. Your message is not lost. Another try may work or fail again; the gateway’s log has the details.',
  );
});

test('the detail of other errors is the event’s message as a sentence', () => {
  expect(errorDetail({ code: 'context-overflow', message: 'the prompt has 9,000 tokens; shorten it' })).toBe(
    'The prompt has 9,000 tokens; shorten it.',
  );
});

test('the detail of a gateway that ends, and of an engine that restarts, says what to do', () => {
  expect(errorDetail({ code: 'shutting-down', message: 'the engine is shutting down' })).toContain(
    'Once it runs again, send the message again.',
  );
  const message = 'the engine crashed (SIGSEGV); it is restarting; send the request again';
  expect(errorDetail({ code: 'engine-crashed', message })).toBe(
    'The engine crashed (SIGSEGV); it is restarting; send the request again. Your message is not lost.',
  );
});

test('a refused setting names where to change it, and a refused message does not', () => {
  const message = 'responseFormat.schema: its bounds exclude each other';
  const refused = (...path: string[]) => errorDetail({ code: 'invalid-request', message, issues: [{ path, message }] });
  expect(refused('responseFormat', 'schema')).toBe(
    'ResponseFormat.schema: its bounds exclude each other. Change it in the settings of this chat.',
  );
  expect(refused('messages', 'content')).not.toContain('settings');
  expect(errorDetail({ code: 'invalid-request', message })).not.toContain('settings');
});
