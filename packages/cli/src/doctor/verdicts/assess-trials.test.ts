import { expect, test } from 'vitest';

import { streamItems } from '../streams/stream-items.ts';
import type { Trial } from '../trials/try-stream.ts';
import { assessTrials } from './assess-trials.ts';

const answer = 'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n';
const progress = (processed: number) =>
  `data: {"choices": [], "prompt_progress": {"total": 30, "cache": 10, "processed": ${processed}}}\n\n`;

const answered = (dialect: Trial['dialect'], stream: string): Trial => ({
  surface: 'chat',
  dialect,
  outcome: 'answered',
  items: streamItems(stream),
});

const findingsOf = (...trials: Trial[]) => assessTrials(trials).findings;
const update = 'update the gateway, or look for a proxy before it that changes streams';

test('surfaces without a fault make one finding', () => {
  const trials = [answered('silent', answer), answered('return_progress', progress(10) + progress(30) + answer)];
  expect(findingsOf(...trials)).toEqual([{ state: 'ok', what: '/v1 chat/completions: all 5 dialects stream' }]);
});

test('an absent surface is a warning', () => {
  expect(findingsOf({ surface: 'messages', dialect: 'silent', outcome: 'absent' })).toEqual([
    { state: 'warning', what: '/v1/messages is absent', remedy: 'update the gateway if clients use it' },
  ]);
});

test('a failed stream is a failure with its dialect and a remedy', () => {
  const failed = { surface: 'chat', dialect: 'named', outcome: 'failed' } as const;
  expect(findingsOf({ ...failed, why: 'no chunk carries a finish_reason', late: false })).toEqual([
    { state: 'failure', what: '/v1/chat/completions named: no chunk carries a finish_reason', remedy: update },
  ]);
  expect(findingsOf({ ...failed, why: 'no answer within 1 s', late: true })[0]?.remedy).toMatch(/--timeout/);
});

test('a dialect without progress is a warning, one with incomplete progress a failure', () => {
  expect(findingsOf(answered('named', answer))).toContainEqual({
    state: 'warning',
    what: 'named brings no progress on /v1/chat/completions',
    remedy: update,
  });
  expect(findingsOf(answered('return_progress', progress(10) + progress(20) + answer))).toContainEqual({
    state: 'failure',
    what: '/v1/chat/completions return_progress: progress ends at 20 of 30 tokens',
    remedy: update,
  });
});

test('progress that the request did not ask for is a warning', () => {
  expect(findingsOf(answered('silent', progress(10) + progress(30) + answer))).toContainEqual({
    state: 'warning',
    what: '/v1/chat/completions sends progress without a request for it, which breaks strict clients',
  });
});

test('a broken SDK is a failure, except in a dialect that is not meant for it', () => {
  const event = (data: object) => `event: prefill_progress\ndata: ${JSON.stringify(data)}\n\n`;
  const broken = assessTrials([
    answered('named', event({ phase: 'prefill', processed: 0, cached: 0, total: 0 }) + answer),
    answered('swiftlm', event({ status: 'processing', n_past: 0, n_prompt_tokens: 0 }) + answer),
  ]);
  expect(broken.findings.filter(({ state }) => state === 'failure').map(({ what }) => what)).toEqual(
    ['OpenAI SDK, JavaScript', 'OpenAI SDK, Python', 'AI SDK, OpenAI', "llama.cpp's clients"].map(
      (name) => `${name}, named on /v1/chat/completions: breaks, the event prefill_progress has no choices`,
    ),
  );
  expect(broken.facts.verdicts).toContainEqual({
    client: 'openai-js',
    surface: 'chat',
    dialect: 'swiftlm',
    takes: 'breaks',
    why: 'the event prefill_progress has no choices',
  });
});
