import { createApiKey } from '@headway/gateway';
import { expect, test } from 'vitest';

import { soakScale } from '../src/soak-scale.ts';
import { attacks } from './hostile-attacks.ts';
import { startHostileClients } from './hostile-clients.ts';
import { readEvents } from './read-events.ts';
import { mib, residentBytes } from './resident-memory.ts';
import { startServe } from './serve-process.ts';
import { bearer } from './wire.ts';

const full = soakScale() === 1;
const seconds = full ? 600 : 20;
const clients = full ? 50 : 12;
const seed = full ? Math.floor(Math.random() * 1e9) : 4477;

/** TTFT of a chat, in ms. */
async function firstToken(url: string, key: string): Promise<number> {
  const since = performance.now();
  const input = { messages: [{ role: 'user', content: 'Tell me a story.' }], maxTokens: 4, ignoreEos: true };
  let first: number | null = null;
  let end: unknown;
  for await (const event of readEvents(url, input, { headers: bearer(key) })) {
    if (event.type === 'token') first ??= performance.now() - since;
    if (event.type !== 'token' && event.type !== 'prefill') end = event.type === 'done' ? event.finishReason : event;
  }
  expect(end).toBe('length');
  return first ?? Number.NaN;
}

const p99 = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN;

test.each(full ? ['isolated', 'inline'] : ['isolated'])(
  `${clients} hostile clients do not delay the first token of a chat (engine %s)`,
  { timeout: (seconds + 120) * 1000 },
  async (engine) => {
    const [theirs, mine] = [createApiKey(), createApiKey()];
    // A key may run fewer generations than there are slots.
    const args = ['--engine', engine, '--parallel', '8', '--ctx', '512', '--limit', 'generations=4'];
    await using served = await startServe(...args, '--api-key', theirs, '--api-key', mine);
    const { url } = served;
    const alone: number[] = [];
    const chatAlone = async () => {
      for (let chat = 0; chat < 150; chat++) alone.push(await firstToken(url, mine));
    };
    await chatAlone();
    const engines = served.enginePids();

    using hostile = await startHostileClients({ url, key: theirs, clients, seed });
    const beside: number[] = [];
    const memory: number[] = [];
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;
    while (elapsed() < seconds) {
      beside.push(await firstToken(url, mine));
      if (elapsed() > seconds / 10) memory.push(residentBytes(served.pid));
    }
    const made = await hostile.stop();
    // Measured before and after, because the load of the machine may change.
    await chatAlone();

    const third = Math.ceil(memory.length / 3);
    const [early, late] = [Math.max(...memory.slice(0, third)), Math.max(...memory.slice(-third))];
    process.stdout.write(
      `hostile (${engine}, seed ${seed}, ${clients} clients, ${seconds} s): first token p99 ${p99(alone).toFixed(0)} ms ` +
        `alone, ${p99(beside).toFixed(0)} ms beside, of ${beside.length}; gateway ${Math.round(early / mib)} MB, then ` +
        `${Math.round(late / mib)} MB; ${JSON.stringify(made)}\n`,
    );
    expect(Object.keys(made).toSorted()).toEqual(Object.keys(attacks).toSorted());
    expect(served.enginePids()).toEqual(engines);
    expect(served.output.stderr).not.toMatch(/the engine (?:crashed|did not|ended)|"level":60/);
    expect(p99(beside)).toBeLessThanOrEqual(2 * p99(alone) + 200);
    // A short run ends while the heap still grows to its usual size.
    expect(late - early).toBeLessThan((full ? 48 : 96) * mib);
  },
);
