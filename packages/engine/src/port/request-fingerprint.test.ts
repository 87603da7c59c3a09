import { generateRequest, type GenerateInput } from '@headway/protocol';
import { expect, test } from 'vitest';

import { requestFingerprint } from './request-fingerprint.ts';

const of = (input: GenerateInput) => requestFingerprint(generateRequest.parse(input));
const long = 'word '.repeat(10_000);

test('requests that ask for the same are the same, whatever they are called', () => {
  expect(of({ prompt: long, id: 'a' })).toBe(of({ prompt: long, id: 'b', lastEventId: 'a:3' }));
});

test('a character more, somewhere in long texts, or another place for them makes another request', () => {
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
