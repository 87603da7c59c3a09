import { getEventListeners, setMaxListeners } from 'node:events';

import { storytellerPath } from '@headway/storyteller';
import { createClient } from '@headway/client';
import { createEngine, llama, scripted, type Backend, type Engine } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { collect, invariantViolations } from '@headway/protocol/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { soakScale } from '../src/soak-scale.ts';
import { activeResources, leftOver } from './active-resources.ts';
import { startCutProxy } from './cut-proxy.ts';

const seed = soakScale() < 1 ? 4477 : Math.floor(Math.random() * 2 ** 31);

/** Bytes until a cut: within the handshake, within the first events, or later. */
const cutPoints = fc.oneof(
  fc.integer({ min: 1, max: 400 }),
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: 6000 }),
);

const pieces = [
  'lesen',
  ' Wörter',
  '，一字一句',
  ' 🦉',
  '🏳️‍🌈',
  '\n',
  ' e\u0301',
  ' the',
  ' end.',
  ' ',
  '\u0000',
  ' "\\',
];

/** 400 tokens whose characters have one to four bytes, the same for the same prompt. */
function textFor(prompt: string): string {
  const token = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((drawn) => drawn.join(''));
  return fc.sample(token, { numRuns: 400, seed: Number(prompt.split(' ').at(-1)) }).join(' ');
}

interface Setup extends AsyncDisposable {
  url: string;
  /** Ids of the generations that the engine has started, in order. */
  started: string[];
  engine: Engine;
}

async function startCountingGateway(backend: Backend, parallel: number): Promise<Setup> {
  const engine = await createEngine({ backend, parallel, maxQueue: 64 });
  const started: string[] = [];
  const generate = engine.generate.bind(engine);
  engine.generate = (input, options) => {
    started.push(input.id ?? '');
    return generate(input, options);
  };
  // The cuts cause more requests than the default limits allow.
  const gateway = await startGateway({ engine, port: 0, limits: { requests: 1_000_000_000 } });
  return {
    url: gateway.url,
    started,
    engine,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

/** A proxy that cuts `cuts` connections, each at a random point, and no others. */
async function startCutting(url: string, cuts: number, refuseUpgrades: boolean) {
  const points = fc.sample(cutPoints, { numRuns: cuts * 4, seed: seed + cuts });
  let proxy: Awaited<ReturnType<typeof startCutProxy>> | null = null;
  const cutAfter = () => ((proxy?.counts.cuts ?? 0) < cuts ? (points.pop() ?? null) : null);
  return (proxy = await startCutProxy(url, { refuseUpgrades, cutAfter }));
}

interface Plan {
  generations: number;
  cuts: number;
  /** Clients at a time, each with a connection of its own. */
  clients: number;
  /** Generations at a time of each client. */
  each: number;
  refuseUpgrades?: boolean;
}

/** Runs until the plan's numbers of generations and cuts are reached, and returns the counts. */
async function runThroughCuts(setup: Setup, { generations, cuts, clients, each, refuseUpgrades = false }: Plan) {
  const totals = { generations: 0, cuts: 0, connections: 0, listeners: 0, violations: [] as string[] };
  // Like a server's own signal, which never aborts.
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  while (totals.generations < generations || totals.cuts < cuts) {
    const batches = Math.max(1, (generations - totals.generations) / (clients * each));
    const cutsEach = Math.max(1, Math.ceil((cuts - totals.cuts) / batches / clients));
    const runs = Array.from({ length: clients }, async (_, at) => {
      await using proxy = await startCutting(setup.url, cutsEach, refuseUpgrades);
      await using client = createClient({ url: proxy.url });
      const prompts = Array.from({ length: each }, (_, nth) => `Tell ${totals.generations + at * each + nth}`);
      const running = prompts.map((prompt) => client.generate({ prompt, progressIntervalMs: 100 }, { signal }));
      await Promise.all(
        running.map(async (generation, nth) => {
          const events = await collect(generation);
          totals.violations.push(...invariantViolations(events, { merged: true }));
          expect(await generation.text()).toBe(textFor(prompts[nth] ?? ''));
        }),
      );
      return proxy.counts;
    });
    for (const counts of await Promise.all(runs)) {
      totals.cuts += counts.cuts;
      totals.connections += counts.connections;
    }
    totals.generations += clients * each;
  }
  totals.listeners = getEventListeners(signal, 'abort').length;
  return totals;
}

/** Decodes for two seconds, so that most cuts fall within the decode, and some within a replay. */
const scriptedBackend = () =>
  scripted({
    script: ({ prompt = '' }) => ({
      reply: textFor(prompt),
      prefillTokensPerSecond: 2000,
      decodeTokensPerSecond: 200,
    }),
  });

/** Runs the plan and counts the resources left afterwards. */
async function runAndTidy(plan: Plan) {
  const before = activeResources();
  const outcome = await (async () => {
    await using setup = await startCountingGateway(scriptedBackend(), plan.clients * plan.each);
    const totals = await runThroughCuts(setup, plan);
    const { slots, queued } = await setup.engine.activity();
    return { ...totals, runs: setup.started.length, ids: new Set(setup.started).size, left: slots.busy + queued };
  })();
  expect(await leftOver(before)).toEqual([]);
  const { generations, cuts, connections } = outcome;
  process.stdout.write(
    `seed ${seed}: ${generations} generations over ${connections} connections, ${cuts} of them cut\n`,
  );
  return outcome;
}

describe('with connections cut at random bytes, every stream is complete, and every generation runs once,', () => {
  test('over sockets', { timeout: 900_000 }, async () => {
    const [generations, cuts] = [300 * soakScale(), 2000 * soakScale()];
    const outcome = await runAndTidy({ generations, cuts, clients: 15, each: 2 });
    const { generations: ran } = outcome;
    expect(outcome).toMatchObject({ violations: [], runs: ran, ids: ran, left: 0, listeners: 0 });
    expect(outcome.cuts).toBeGreaterThanOrEqual(cuts);
  });

  test('over HTTP where sockets are blocked', { timeout: 900_000 }, async () => {
    const [generations, cuts] = [100 * soakScale(), 500 * soakScale()];
    const outcome = await runAndTidy({ generations, cuts, clients: 5, each: 2, refuseUpgrades: true });
    const { generations: ran } = outcome;
    expect(outcome).toMatchObject({ violations: [], runs: ran, ids: ran, left: 0, listeners: 0 });
    expect(outcome.cuts).toBeGreaterThanOrEqual(cuts);
  });
});

test('with connections cut at random bytes, each of several choices is complete', { timeout: 300_000 }, async () => {
  const runs = 30 * soakScale();
  await using setup = await startCountingGateway(scriptedBackend(), 9);
  await using uncut = createClient({ url: setup.url });
  const run = async (nth: number) => {
    await using proxy = await startCutting(setup.url, 12, false);
    await using client = createClient({ url: proxy.url });
    const prompt = `Tell ${nth}`;
    const generation = client.generate({ prompt, choices: 3 });
    expect(invariantViolations(await collect(generation), { merged: true })).toEqual([]);
    const { choices } = await generation.result();
    expect(choices.map(({ text }) => text)).toEqual(Array.from({ length: 3 }, () => textFor(prompt)));
    expect((await uncut.watch(generation.id).result()).choices).toEqual(choices);
    expect(proxy.counts.cuts).toBeGreaterThan(0);
  };
  for (let nth = 0; nth < runs; nth += 3) await Promise.all([run(nth), run(nth + 1), run(nth + 2)]);
  expect(setup.started).toHaveLength(runs);
});

test('cut connections do not change the text of the embedded model', async () => {
  const model = storytellerPath;
  await using setup = await startCountingGateway(llama({ model, gpu: false, threads: 1 }), 2);
  await using uncut = createClient({ url: setup.url });
  const prompts = ['Once upon a time', 'What is prefill?', 'A small owl', 'The end of the story was'];
  for (const prompt of prompts) {
    await using proxy = await startCutting(setup.url, 6, false);
    await using client = createClient({ url: proxy.url });
    const generation = client.generate({ prompt, maxTokens: 200, ignoreEos: true });
    const events = await collect(generation);
    expect(invariantViolations(events, { merged: true, maxTokens: 200 })).toEqual([]);
    expect(await generation.text()).toBe(await uncut.watch(generation.id).text());
    expect(proxy.counts.cuts).toBeGreaterThan(0);
  }
  expect(setup.started).toHaveLength(prompts.length);
});
