import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GenerationEvent, Status } from '@headway/protocol';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { storytellerPath } from '@headway/storyteller';
import { expect, onTestFinished, test } from 'vitest';

import { soakScale } from '../src/soak-scale.ts';
import { readEvents } from './read-events.ts';
import { mib, residentBytes } from './resident-memory.ts';
import { startServe } from './serve-process.ts';

const requests = Math.ceil(50 * soakScale());
/** Room for the process of one model, about 140 MB with these flags, but not for two. */
const limit = 220e6;

/** A second model file: the embedded one under another name. */
async function secondModel(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'headway-models-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'second.gguf');
  await copyFile(storytellerPath, path);
  return path;
}

async function statusOf(url: string): Promise<Status> {
  const answer = await fetch(`${url}/trpc/status`);
  return ((await answer.json()) as { result: { data: Status } }).result.data;
}

const sharesOf = (events: readonly GenerationEvent[]) =>
  events.flatMap((event) => (event.type === 'prefill' && event.phase === 'loading' ? (event.loaded ?? -1) : []));

test(
  `two models under a limit that holds one answer ${requests} alternating requests, each told how far its model is loaded, and leave the memory`,
  { timeout: 60_000 + requests * 30_000 },
  async () => {
    const flags = ['--parallel', '1', '--ctx', '1024', '--threads', '1', '--memory', '220MB', '--ttl', '3'];
    await using serve = await startServe('--model', storytellerPath, '--model', await secondModel(), ...flags);
    const { url, pid } = serve;
    expect(await statusOf(url)).toMatchObject({
      ready: true,
      memory: { limit, used: 0 },
      models: [
        { id: 'storyteller', state: 'unloaded', memoryBytes: null },
        { id: 'second', state: 'unloaded', memoryBytes: null },
      ],
    });
    expect(serve.enginePids()).toEqual([]);

    const ask = (model: string) =>
      collect(readEvents(url, { model, prompt: 'Once upon a time', maxTokens: 8, ignoreEos: true }));
    let before = 0;
    for (let nth = 0; nth < requests; nth++) {
      const [model, other] = nth % 2 === 0 ? ['storyteller', 'second'] : ['second', 'storyteller'];
      const events = await ask(model!);
      expect(invariantViolations(events, { merged: true, maxTokens: 8 })).toEqual([]);
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length', usage: { completionTokens: 8 } });
      const shares = sharesOf(events);
      expect(shares[0]).toBe(0);
      expect(shares.at(-1)).toBe(1);
      const { models, memory } = await statusOf(url);
      const stateOf = (id?: string) => models.find((one) => one.id === id)?.state;
      expect([stateOf(model), stateOf(other)]).toEqual(['ready', 'unloaded']);
      expect(memory?.used).toBeGreaterThan(limit / 2);
      expect(memory?.used).toBeLessThanOrEqual(limit);
      expect(serve.enginePids()).toHaveLength(1);
      if (nth === 1) before = residentBytes(pid);
    }

    await expect.poll(async () => (await statusOf(url)).memory?.used, { timeout: 30_000 }).toBe(0);
    expect(serve.enginePids()).toEqual([]);
    expect(residentBytes(pid) - before).toBeLessThan(32 * mib);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    serve.kill('SIGTERM');
    expect(await serve.exited).toEqual([0, null]);
  },
);
