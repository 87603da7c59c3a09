import { expect, test } from 'vitest';

import { endless, startGuarded } from './guarded-gateway.ts';
import { ask, bearer, errorCodeOf, post, Wire, type Frame } from './wire.ts';

const isToken = (frame: Frame) => JSON.stringify(frame.result ?? '').includes('"type":"token"');
const isDone = (frame: Frame) => JSON.stringify(frame.result ?? '').includes('"type":"done"');

test('another key with a stolen id cannot watch, cancel or detect a generation', async () => {
  await using guarded = await startGuarded();
  const { url, mine, theirs, engine } = guarded;
  await using victim = await Wire.open(url, { headers: bearer(mine) });
  const stream = victim.call('subscription', 'generate', { prompt: endless, id: 'stolen' });
  await victim.find(isToken);

  await using thief = await Wire.open(url, { headers: bearer(theirs) });
  const headers = bearer(theirs);
  for (const id of ['stolen', 'never']) {
    expect(await thief.refusal(thief.call('subscription', 'watch', { id }))).toBe('generation-not-found');
    expect(await thief.refusal(thief.call('subscription', 'watch', { id, lastEventId: `${id}:0` }))).toBe(
      'generation-not-found',
    );
    const resumed = thief.call('subscription', 'generate', { prompt: endless, id, lastEventId: `${id}:0` });
    expect(await thief.refusal(resumed)).toBe('generation-not-found');
    expect(await thief.answer(thief.call('mutation', 'cancel', { id }))).toEqual({ cancelled: false });
    for (const [path, method] of [
      [`/v1/generations/${id}`, 'GET'],
      [`/v1/generations/${id}/events`, 'GET'],
      [`/v1/generations/${id}`, 'DELETE'],
    ] as const) {
      const answer = await ask(url + path, { method, headers });
      expect([answer.status, errorCodeOf(answer.body)]).toEqual([404, 'generation-not-found']);
    }
  }
  expect(await thief.answer(thief.call('query', 'generations'))).toEqual([]);
  expect(JSON.parse((await ask(`${url}/v1/generations`, { headers })).body)).toEqual({ generations: [] });

  // The other key can use the same id: a conflict would reveal that the id exists.
  thief.call('subscription', 'generate', { prompt: 'mine now', id: 'stolen' });
  await thief.find(isDone);
  expect(await engine.activity()).toMatchObject({ slots: { busy: 1 } });
  expect(victim.frames.filter(({ id }) => id === stream).some(isDone)).toBe(false);

  expect(await victim.answer(victim.call('mutation', 'cancel', { id: 'stolen' }))).toEqual({ cancelled: true });
  expect(JSON.stringify(await victim.find(isDone))).toContain('"finishReason":"cancelled"');
});

test('a probe of another key’s prompt finds no cached tokens, by estimate and by generate', async () => {
  await using guarded = await startGuarded();
  const { url, mine, theirs } = guarded;
  const secret = Array.from({ length: 300 }, (_, at) => `secret${at}`).join(' ');
  const cachedIn = async (key: string, prompt: string) => {
    await using wire = await Wire.open(url, { connectionParams: { apiKey: key } });
    wire.call('subscription', 'generate', { prompt });
    const { result } = await wire.find(isDone);
    return Number(/"cachedTokens":(\d+)/.exec(JSON.stringify(result))?.[1]);
  };
  const cachedByEstimate = async (key: string, prompt: string) => {
    await using wire = await Wire.open(url, { headers: bearer(key) });
    const estimate = await wire.answer(wire.call('mutation', 'estimate', { prompt }));
    return (estimate as { cached: number }).cached;
  };
  const guesses = [secret, `${secret} and more`, secret.split(' ').slice(0, 100).join(' ')];

  expect(await cachedIn(mine, secret)).toBe(0);
  // The owner's own probe finds cached tokens, or this test would prove nothing.
  expect(await cachedByEstimate(mine, `${secret} and more`)).toBeGreaterThan(250);
  for (const guess of guesses) expect(await cachedByEstimate(theirs, guess)).toBe(0);
  expect(await cachedIn(theirs, `${secret} and more`)).toBe(0);
  const answer = await ask(
    `${url}/v1/chat/completions`,
    post({ messages: [{ role: 'user', content: secret }] }, bearer(theirs)),
  );
  const { usage } = JSON.parse(answer.body) as { usage: { prompt_tokens_details?: { cached_tokens: number } } };
  expect(usage.prompt_tokens_details?.cached_tokens ?? 0).toBe(0);
  expect(await cachedIn(mine, `${secret} and more`)).toBeGreaterThan(250);
});
