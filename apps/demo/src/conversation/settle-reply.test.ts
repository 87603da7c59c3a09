import { generationReducer, idleGeneration, type GenerationAction } from '@headway/client/react';
import { sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { sampleReply } from './sample-records.fixture.ts';
import { keepSoFar, settleReply } from './settle-reply.ts';

const after = (...actions: GenerationAction[]) =>
  actions.reduce(generationReducer, generationReducer(idleGeneration, { type: 'start', id: 'g' }));
const done = after(samplePrefill({ processed: 10 }), sampleToken({ text: 'Yes' }), sampleDone());
const unknown = after(sampleError({ code: 'generation-not-found' }));
const soFar = { text: 'Once upon', reasoning: '', completionTokens: 2 };

test('the end of a generation becomes the result of its reply', () => {
  const settled = settleReply(sampleReply({ soFar }), done);
  expect(settled).toMatchObject({ id: 'r', result: { state: 'done', text: 'Yes', answers: [], summary: null } });
  expect('soFar' in settled).toBe(false);
});

test('each choice has its own result', () => {
  const several = after(
    sampleToken({ text: 'zero' }),
    sampleToken({ seq: 1, index: 1, text: 'one' }),
    sampleDone({ seq: 2, remaining: 1 }),
    sampleError({ seq: 3, index: 1 }),
  );
  const [zero, one] = [0, 1].map((index) => settleReply(sampleReply({ index }), several).result);
  expect([zero?.state, zero?.text, one?.state, one?.text]).toEqual(['done', 'zero', 'error', 'one']);
});

test('the first end stays, unless it only said that the gateway did not know the generation', () => {
  const first = settleReply(sampleReply(), done);
  expect(settleReply(first, unknown)).toBe(first);
  expect(settleReply(first, after(sampleError()))).toBe(first);
  const early = settleReply(sampleReply(), unknown);
  expect(early.result?.error?.code).toBe('generation-not-found');
  expect(settleReply(early, unknown)).toBe(early);
  expect(settleReply(early, done).result).toMatchObject({ state: 'done', text: 'Yes', error: null });
  const restarted = after(sampleToken({ text: 'Half' }), sampleError({ code: 'generation-not-found' }));
  expect(settleReply(early, restarted).result).toMatchObject({ state: 'error', text: 'Half' });
});

test('a generation that the gateway has forgotten keeps what was stored of its text', () => {
  const reply = sampleReply({ soFar });
  expect(settleReply(reply, unknown).result).toMatchObject({ ...soFar, state: 'error' });
  const further = after(
    sampleToken({ text: 'Once upon a time', completionTokens: 4 }),
    sampleError({ code: 'abandoned' }),
  );
  expect(settleReply(reply, further).result).toMatchObject({ text: 'Once upon a time', completionTokens: 4 });
});

test('what is written so far grows, and never changes an ended reply', () => {
  const at = (completionTokens: number, text: string) => after(sampleToken({ text, completionTokens }));
  const kept = keepSoFar(sampleReply(), at(2, 'Once upon'));
  expect(kept.soFar).toEqual(soFar);
  expect(keepSoFar(kept, at(1, 'Once'))).toBe(kept);
  expect(keepSoFar(kept, at(3, 'Once upon a')).soFar?.text).toBe('Once upon a');
  const ended = settleReply(kept, done);
  expect(keepSoFar(ended, at(9, 'late'))).toBe(ended);
});
