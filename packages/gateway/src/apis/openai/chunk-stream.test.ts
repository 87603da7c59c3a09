import type { TokenEvent } from '@headway/protocol';
import { samplePrefill, sampleToken } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import { ChatChunkFormat } from './chat/chat-chunk-format.ts';
import { chatNames } from './chat-names.ts';
import { ChunkStream } from './chunk-stream.ts';
import { systemFingerprint } from './completion-parts.ts';
import { TimingsSoFar } from './timings-so-far.ts';

const prefill = samplePrefill({ phase: 'prefill', processed: 30, cached: 10, total: 30, elapsedMs: 40 });
const top = [{ token: 'e', bytes: [101], logprob: -1 }];
const tokens: Record<string, TokenEvent> = {
  'plain text': sampleToken({ text: 'Hel' }),
  'text that JSON escapes': sampleToken({ text: '"[]}\n\u2028\\' }),
  'a lone surrogate': sampleToken({ text: '\ud83d' }),
  'log-probabilities': sampleToken({ text: 'é', logprobs: [{ token: 'é', bytes: [195, 169], logprob: -0.5, top }] }),
  'a tool call': sampleToken({ text: '{"a":', channel: 'tool-call', toolCall: { index: 0, id: 'c', name: 'f' } }),
};

describe('the message of a token has the bytes of its chunk as JSON', () => {
  const cases = Object.keys(tokens).flatMap((name) =>
    [false, true].flatMap((includeUsage) =>
      [false, true].map((timingsPerToken) => ({ name, includeUsage, timingsPerToken })),
    ),
  );

  test.each(cases)(
    'for $name, includeUsage $includeUsage, timingsPerToken $timingsPerToken',
    ({ name, includeUsage, timingsPerToken }) => {
      const event = tokens[name];
      if (!event) throw new Error(`there is no token ${name}`);
      const silence = { llamaCpp: false, named: false, comment: false, swiftLm: false };
      const options = {
        names: chatNames,
        choices: 1,
        id: 'g',
        model: 'a[]"\n',
        created: 1,
        includeUsage,
        timingsPerToken,
        progress: silence,
      };
      const stream = new ChunkStream(options, new ChatChunkFormat(options));
      stream.opening();
      stream.of(prefill);
      const format = new ChatChunkFormat(options);
      format.opening();
      const timings = new TimingsSoFar();
      timings.add(prefill);
      const chunk = {
        id: 'chatcmpl-g',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'a[]"\n',
        system_fingerprint: systemFingerprint,
        choices: [format.token(event)],
        ...(includeUsage && { usage: null }),
        ...(timingsPerToken && { timings: timings.at(event) }),
      };
      expect(stream.of(event)).toEqual([{ data: JSON.stringify(chunk) }]);
    },
  );
});
