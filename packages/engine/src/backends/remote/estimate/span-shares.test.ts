import { generateRequest } from '@headway/protocol';
import { expect, test } from 'vitest';

import { spanShares } from './span-shares.ts';

test("a span has its share of the prompt's characters, and of the tools' before them", () => {
  const spans = [
    { name: 'a', start: 0, end: 100, message: 0 },
    { name: 'b', start: 50, end: 100 },
  ];
  const messages = [100, 100].map((length) => ({ role: 'user', content: 'x'.repeat(length) }));
  const request = generateRequest.parse({ messages, spans });
  expect(spanShares(request, 50)).toEqual([
    { name: 'a', from: 0, to: 25, estimated: true },
    { name: 'b', from: 38, to: 50, estimated: true },
  ]);
  const withTools = generateRequest.parse({ messages, spans, tools: [{ name: 'look' }] });
  const written = JSON.stringify(withTools.tools).length;
  expect(spanShares(withTools, 200 + written)).toMatchObject([
    { from: written, to: written + 100 },
    { from: written + 150, to: written + 200 },
  ]);
});

test('a raw prompt has shares of its text, and a request without spans has none', () => {
  const spans = [{ name: 'a', start: 2, end: 4 }];
  expect(spanShares(generateRequest.parse({ prompt: '0123', spans }), 8)).toMatchObject([{ from: 4, to: 8 }]);
  expect(spanShares(generateRequest.parse({ prompt: '0123', spans: [] }), 8)).toBeUndefined();
  expect(spanShares(generateRequest.parse({ prompt: '0123' }), 8)).toBeUndefined();
});
