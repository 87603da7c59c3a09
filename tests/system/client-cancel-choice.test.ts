import { createClient } from '@headway/client';
import { openScriptedGateway } from '@headway/gateway/testing';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

const reply = 'one two three four five six seven eight nine ten';

test.each(['websocket', 'http'] as const)(
  'cancels one choice of three over %s; the others write on',
  async (transport) => {
    let choice = 0;
    // Without the cancel, the second choice would never end.
    const stall = { phase: 'decode', afterTokens: 2, does: 'stall' } as const;
    const script = () => ({ reply, fault: choice++ === 1 ? stall : null });
    await using scripted = await openScriptedGateway({ script }, { parallel: 3 });
    await using client = createClient({ url: scripted.gateway.url, transport });
    await using other = createClient({ url: scripted.gateway.url });
    const generation = client.generate({ prompt: 'one two three', choices: 3 });
    await expect(other.cancel('unknown', { index: 3 })).resolves.toBe(false);
    let asked: Promise<boolean> | undefined;
    const events = await collect(generation, (event) => {
      const stalls = event.type === 'token' && event.index === 1 && event.completionTokens === 2;
      if (stalls) asked = other.cancel(generation.id, { index: 1 });
    });
    expect(await asked).toBe(true);
    expect(invariantViolations(events)).toEqual([]);
    expect([0, 1, 2].map((index) => textOf(events, { index }))).toEqual([reply, 'one two', reply]);
    const { choices } = await generation.result();
    expect(choices.map(({ finishReason, usage }) => [finishReason, usage.completionTokens])).toEqual([
      ['stop', 10],
      ['cancelled', 2],
      ['stop', 10],
    ]);
    await expect(other.cancel(generation.id, { index: 3 })).rejects.toMatchObject({
      code: 'invalid-request',
      issues: [{ path: ['index'], message: 'there is no choice 3: the generation has 3 choices; give 0 to 2' }],
    });
    await expect(other.cancel(generation.id, { index: 0 })).resolves.toBe(false);
    await expect(other.cancel(generation.id, { index: 0.5 })).rejects.toMatchObject({ issues: [{ path: ['index'] }] });
  },
);
