import { withSummaries, type SummaryEvent } from '@headway/protocol';
import { collect } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { createEngine } from './create-engine.ts';
import { scripted } from './backends/scripted/scripted.ts';
import { createVirtualClock } from './backends/scripted/virtual-clock.ts';

test('an engine’s choices are summed up every 200 ms of its clock, also when one of them fails', async () => {
  const clock = createVirtualClock({ auto: true });
  let choice = 0;
  const fault = { phase: 'decode', afterTokens: 50, does: 'fail' } as const;
  const script = () => ({ reply: 'word '.repeat(100).trim(), fault: choice++ === 1 ? fault : null });
  await using engine = await createEngine({ backend: scripted({ clock, script }), clock, parallel: 4 });

  const request = { prompt: 'a b c', choices: 4, maxTokens: 100 };
  const told: { at: number; summary: SummaryEvent }[] = [];
  const generation = withSummaries(engine.generate(request), { ...request, now: () => clock.now() });
  await collect(generation, (event) => {
    if (event.type === 'summary') told.push({ at: clock.now(), summary: event });
  });

  // The first one, one each 200 ms of a second of decode, and the last one.
  expect(told).toHaveLength(7);
  const gaps = told.slice(1, -1).map(({ at }, n) => at - (told[n]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(200);
  // Each choice writes 100 tokens a second.
  expect(told.slice(1, -1).map(({ summary }) => Math.round((summary.tokensPerSecond ?? 0) / 10) * 10)).toEqual([
    400, 400, 300, 300, 300,
  ]);
  expect(told.at(-1)?.summary.answers).toMatchObject(
    [100, 50, 100, 100].map((completionTokens, index) => ({
      index,
      state: index === 1 ? 'error' : 'done',
      completionTokens,
      maxTokens: 100,
    })),
  );
});
