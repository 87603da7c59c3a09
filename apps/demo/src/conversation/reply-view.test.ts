import { generationReducer, idleGeneration, type GenerationAction } from '@headway/client/react';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { replyView } from './reply-view.ts';

const reduce = (...actions: GenerationAction[]) => actions.reduce(generationReducer, idleGeneration);

test('a single answer is the generation itself', () => {
  const state = reduce({ type: 'start', id: 'g' }, samplePrefill(), sampleToken());
  expect(replyView(state, 0)).toBe(state);
});

test('each of several answers has its own text, state and numbers, and the prefill of all', () => {
  const state = reduce(
    { type: 'start', id: 'g', choices: 3 },
    samplePrefill({ processed: 10 }),
    sampleToken({ text: 'zero' }),
    sampleToken({ index: 1, text: 'one', completionTokens: 1 }),
    sampleDone({ index: 1, finishReason: 'length', remaining: 2 }),
  );
  expect(replyView(state, 0)).toMatchObject({ state: 'decode', text: 'zero', finishReason: null });
  expect(replyView(state, 1)).toMatchObject({ state: 'done', text: 'one', finishReason: 'length' });
  expect(replyView(state, 2)).toMatchObject({ state: 'decode', text: '', prefill: { processed: 10 } });
});

test('a stop of one answer shows there alone', () => {
  const start = [{ type: 'start', id: 'g', choices: 2 }, samplePrefill()] as const;
  const state = reduce(...start, { type: 'stop-answer', index: 1 });
  expect([replyView(state, 0).stopping, replyView(state, 1).stopping]).toEqual([false, true]);
});
