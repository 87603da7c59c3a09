import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { expect, test } from 'vitest';

import { wholeAnswer } from './whole-answer.ts';

async function open() {
  const clock = createVirtualClock({ auto: true });
  return createEngine({ backend: scripted({ clock, script: { reply: 'one two three' } }), clock });
}

test('wholeAnswer returns the same result as the generation', async () => {
  await using engine = await open();
  const input = { prompt: 'x', choices: 2, logprobs: 2 };
  const generation = engine.generate({ ...input, id: 'whole' }, { keepsText: false });
  const answer = await wholeAnswer('whole', generation);
  const expected = await engine.generate({ ...input, id: 'whole' }).result();
  expect(answer).toMatchObject({
    ...expected,
    choices: expected.choices.map(withoutTimes),
    timings: expect.anything(),
  });
});

function withoutTimes<Choice extends { timings: unknown }>(choice: Choice) {
  return { ...choice, timings: expect.anything() };
}

test('a generation with keepsText: false has numbers but no text in its result', async () => {
  await using engine = await open();
  const result = await engine.generate({ prompt: 'x', logprobs: 2 }, { keepsText: false }).result();
  expect(result).toMatchObject({ text: '', finishReason: 'stop', usage: { completionTokens: 3 } });
  expect(result).not.toHaveProperty('logprobs');
});

test('wholeAnswer refuses answers over its limit of bytes and counts log-probabilities', async () => {
  await using engine = await open();
  const tooLarge = { code: 'generation-timeout', message: expect.stringContaining('stream it') };
  await expect(wholeAnswer('a', engine.generate({ prompt: 'x' }), 10)).rejects.toMatchObject(tooLarge);
  await expect(wholeAnswer('a', engine.generate({ prompt: 'x' }), 400)).resolves.toMatchObject({
    text: 'one two three',
  });
  const detailed = engine.generate({ prompt: 'x', logprobs: 5 });
  await expect(wholeAnswer('a', detailed, 400)).rejects.toMatchObject(tooLarge);
  expect(await engine.activity()).toMatchObject({ queued: 0 });
});

test('wholeAnswer returns null for a view that was closed before the end', async () => {
  expect(await wholeAnswer('a', (async function* () {})())).toBeNull();
});
