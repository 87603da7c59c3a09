import { expect, it } from 'vitest';

import { openEmbeddedEngine } from '../embedded-model.fixture.ts';

it('a prompt whose slot holds other tokens does not wait for the end of a running stream', async () => {
  await using engine = await openEmbeddedEngine({ parallel: 3, contextSize: 2048 });
  let written = 0;
  const streams = ['a fox', 'an owl'].map((hero, at) =>
    engine.generate(
      { prompt: `Once upon a time there was ${hero}`, maxTokens: 2000, ignoreEos: true },
      { owner: `writer ${at}`, progress: ({ completionTokens }) => void (written = completionTokens) },
    ),
  );
  await Promise.all(streams.map(({ admitted }) => admitted));
  for (const prompt of ['One day the rain', 'At night the harbour', 'One day the lighthouse']) {
    const { usage } = await engine.generate({ prompt, maxTokens: 2, ignoreEos: true }, { owner: 'reader' }).result();
    expect(usage.completionTokens).toBe(2);
  }
  expect(await engine.activity()).toMatchObject({ slots: { busy: 2 } });
  expect(written).toBeLessThan(1000);
  await Promise.all(streams.map((stream) => stream.cancel()));
});
