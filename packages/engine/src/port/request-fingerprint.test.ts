import { generateRequest, type GenerateInput } from '@headway/protocol';
import { expect, test } from 'vitest';

import { requestFingerprint } from './request-fingerprint.ts';

const of = (input: GenerateInput) => requestFingerprint(generateRequest.parse(input));
const long = 'word '.repeat(10_000);

test('requests that differ only in id and lastEventId have the same fingerprint', () => {
  expect(of({ prompt: long, id: 'a' })).toBe(of({ prompt: long, id: 'b', lastEventId: 'a:3' }));
});

test('an added character in a long text, or another order of messages, changes the fingerprint', () => {
  const messages = (...texts: string[]) => texts.map((content) => ({ role: 'user' as const, content }));
  const all: GenerateInput[] = [
    { prompt: long },
    { prompt: `${long}.` },
    { prompt: `.${long}` },
    { messages: messages(long, 'x') },
    { messages: messages('x', long) },
    { messages: messages(long) },
  ];
  expect(new Set(all.map(of)).size).toBe(all.length);
});
