import { createClient, type GenerationEvent } from '@headway/client';
import { invariantViolations } from '@headway/protocol/testing';
import { expect, it } from 'vitest';

import { soakScale } from '../src/soak-scale.ts';
import { startServe } from './serve-process.ts';

const kills = Math.ceil(20 * soakScale());
const readers = 6;

/** The events that a client received of one generation. */
interface Story {
  startedAt: number;
  events: GenerationEvent[];
}

const endOf = ({ events }: Story) => {
  const last = events.at(-1);
  return last?.type === 'error' ? last.code : last?.type === 'done' ? last.finishReason : last?.type;
};

it(
  `an engine that is killed ${kills} times under load restarts each time, and the gateway loses no connection and ends every stream once`,
  { timeout: 60_000 + kills * 30_000 },
  async () => {
    await using serve = await startServe('--parallel', '2', '--ctx', '1024');
    await using client = createClient({ url: serve.url });
    const phases = new Set<string>();
    client.connection.subscribe(() => phases.add(client.connection.getState().phase));
    const stories: Story[] = [];
    let tokens = 0;
    let stopped = false;
    const read = async (reader: number) => {
      for (let nth = 0; !stopped; nth++) {
        const story: Story = { startedAt: performance.now(), events: [] };
        stories.push(story);
        const prompt = `Reader ${reader} sends request ${nth}: `;
        for await (const event of client.generate({ prompt, maxTokens: 150, ignoreEos: true })) {
          story.events.push(event);
          if (event.type === 'token') tokens++;
        }
      }
    };
    const reading = Array.from({ length: readers }, (_, reader) => read(reader));

    const patience = { timeout: 30_000, interval: 10 };
    const dead = new Set<number>();
    try {
      for (let kill = 0; kill < kills; kill++) {
        const before = tokens;
        await expect.poll(() => tokens, patience).toBeGreaterThan(before);
        const [engine, ...others] = serve.enginePids();
        expect(others).toEqual([]);
        if (engine === undefined) throw new Error('there is no engine');
        expect(dead.has(engine)).toBe(false);
        dead.add(engine);
        const killedAt = performance.now();
        process.kill(engine, kill % 2 === 0 ? 'SIGKILL' : 'SIGSEGV');
        const crashed = () => stories.filter((story) => endOf(story) === 'engine-crashed').length;
        const crashedBefore = crashed();
        await expect.poll(crashed, patience).toBeGreaterThan(crashedBefore);
        const answered = () => stories.some((story) => story.startedAt > killedAt && endOf(story) === 'length');
        await expect.poll(answered, patience).toBe(true);
      }
    } finally {
      stopped = true;
    }
    await Promise.all(reading);

    for (const { events } of stories) expect(invariantViolations(events, { merged: true, maxTokens: 150 })).toEqual([]);
    // No stream had another error, and requests sent while the engine was down were served after its restart.
    expect(new Set(stories.map(endOf))).toEqual(new Set(['length', 'engine-crashed']));
    const waited = ({ events: [first] }: Story) => first?.type === 'prefill' && first.phase === 'loading';
    expect(stories.some((story) => waited(story) && endOf(story) === 'length')).toBe(true);
    expect(phases).not.toContain('reconnecting');
    expect(await client.status()).toMatchObject({ ready: true, engine: { restarts: kills }, slots: { busy: 0 } });
    expect((await fetch(`${serve.url}/readyz`)).status).toBe(200);
    expect(serve.enginePids()).toHaveLength(1);
  },
);
