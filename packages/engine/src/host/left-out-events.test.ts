import type { GenerateInput } from '@headway/protocol';
import { collect } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { scripted } from '../backends/scripted/scripted.ts';
import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { createEngine } from '../create-engine.ts';

const schema = { type: 'object', properties: { tags: { type: 'array', uniqueItems: true } } };
const place = 'responseFormat.schema.properties.tags.uniqueItems';

async function answer(reply: string, input: Partial<GenerateInput>) {
  const clock = createVirtualClock({ auto: true });
  await using engine = await createEngine({ backend: scripted({ clock, script: { reply } }), clock });
  const generation = engine.generate({ messages: [{ role: 'user', content: 'x' }], ...input });
  const events = await collect(generation);
  const prefill = events.filter((event) => event.type === 'prefill');
  return { prefill, end: events.at(-1), result: await generation.result() };
}

test('one prefill event lists the schema fields left out, and done says whether the answer fits the schema', async () => {
  const input: Partial<GenerateInput> = { responseFormat: { type: 'json', schema } };
  const fitting = await answer('{"tags": [1, 2]}', input);
  expect(fitting.prefill[0]).toMatchObject({ leftOut: [place] });
  expect(fitting.prefill.filter((event) => 'leftOut' in event)).toHaveLength(1);
  expect(fitting.end).toMatchObject({ type: 'done', leftOut: [place], fitsSchema: true });
  expect(fitting.end).not.toHaveProperty('misfits');

  const other = await answer('{"tags": [1, 1]}', input);
  const misfits = [{ path: 'tags', message: expect.stringContaining('duplicate') }];
  expect(other.end).toMatchObject({ type: 'done', leftOut: [place], fitsSchema: false, misfits });
  expect(other.result).toMatchObject({ leftOut: [place], fitsSchema: false, misfits });
});

test('done has no fitsSchema for an answer that was cut off, or when no field was left out', async () => {
  const cut = await answer('{"tags": [1, 1]}', { responseFormat: { type: 'json', schema }, maxTokens: 1 });
  expect(cut.end).toMatchObject({ finishReason: 'length', leftOut: [place] });
  expect(cut.end).not.toHaveProperty('fitsSchema');
  const whole = await answer('{}', { responseFormat: { type: 'json', schema: { type: 'object' } } });
  expect(whole.end).not.toHaveProperty('leftOut');
  expect(whole.end).not.toHaveProperty('fitsSchema');
});

test('a strict schema with a field that grammars cannot enforce is refused before prefill', async () => {
  await expect(answer('{}', { responseFormat: { type: 'json', schema, strict: true } })).rejects.toMatchObject({
    code: 'invalid-request',
    message: `${place}: a grammar cannot enforce this; remove it, or strict`,
  });
});

test('while the model loads, the first event lists the fields left out, and a strict schema is refused', async () => {
  const clock = createVirtualClock({ auto: true });
  const backend = scripted({ clock, loadMs: 1000, script: { reply: '{"tags": [1]}' } });
  await using engine = await createEngine({ backend, clock, lazy: true });
  const input: GenerateInput = { messages: [{ role: 'user', content: 'x' }], responseFormat: { type: 'json', schema } };
  const strict = engine.generate({ ...input, responseFormat: { type: 'json', schema, strict: true } });
  await expect(strict.admitted).rejects.toMatchObject({ code: 'invalid-request' });
  const events = await collect(engine.generate(input));
  expect(events[0]).toMatchObject({ type: 'prefill', phase: 'loading', leftOut: [place] });
  expect(events.filter((event) => event.type === 'prefill' && event.leftOut)).toHaveLength(1);
});
