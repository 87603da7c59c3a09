import { expect, it } from 'vitest';

import { scripted } from '../backends/scripted/scripted.ts';
import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { createEngine } from '../create-engine.ts';

it('a model says what reading prompts costs its streams, once it has read one beside a stream', async () => {
  const clock = createVirtualClock({ auto: true });
  const script = { reply: 'word '.repeat(400), prefillTokensPerSecond: 2000, decodeTokensPerSecond: 100 };
  await using engine = await createEngine({
    backend: scripted({ clock, script }),
    parallel: 2,
    itlBudgetMs: 50,
    clock,
  });
  const interference = async () => (await engine.models())[0]?.interference;
  await engine.generate({ prompt: 'alone '.repeat(200), maxTokens: 20 }).result();
  expect(await interference()).toBeUndefined();

  const stream = engine.generate({ prompt: 'first', maxTokens: 300 });
  for await (const event of stream) {
    if (event.type !== 'token' || event.completionTokens !== 5) continue;
    await engine.generate({ prompt: 'beside '.repeat(200), maxTokens: 1 }).result();
    break;
  }
  // 64 tokens take 32 ms of the 40 that are planned for a budget of 50.
  expect(await interference()).toMatchObject({ budgetMs: 40, chunkTokens: 64, chunkMs: 32, decodeMs: 10 });
  expect((await interference())?.gapMs).toBeGreaterThanOrEqual(10);
});
