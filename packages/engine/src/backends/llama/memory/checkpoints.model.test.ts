import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generateRequest, type GenerateInput, type GenerationResult } from '@headway/protocol';
import { getLlama, LlamaLogLevel, type Llama, type TokenBias } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createEngine } from '../../../create-engine.ts';
import type { Engine } from '../../../port/engine.ts';
import { openCheckpoints } from './checkpoints.ts';
import { LlamaSlot } from '../llama-slot.ts';
import { llama } from '../llama.ts';
import { EventLoopQueue } from '../tokenizer/event-loop-queue.ts';
import { openChat } from '../prompt/open-chat.ts';
import { renderPrompt } from '../render-prompt.ts';
import type { LlamaPrompt } from '../decode/llama-prompt.ts';
import { createNoEndBias } from '../decode/sampling.ts';
import { batchLoopOf } from '../embedded-model.fixture.ts';
import { recurrentModel, slidingWindowModel, unwindowedModel } from '../untrained-models.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headway-'));
  await writeFile(join(folder, 'window.gguf'), await slidingWindowModel());
  await writeFile(join(folder, 'recurrent.gguf'), await recurrentModel());
  await writeFile(join(folder, 'unwindowed.gguf'), await unwindowedModel());
});
afterAll(() => rm(folder, { recursive: true }));

const words = ['the', 'fox', 'and', 'a', 'small', 'owl', 'read', 'that', 'book', 'in', 'the', 'library', 'at', 'night'];
const prose = (length: number, seed: number) =>
  Array.from({ length }, (_, at) => words[(at * 7 + seed * 5 + (at % 11) * (seed + 3)) % words.length]).join(' ');
const raw = (prompt: string, rest: Partial<GenerateInput> = {}): GenerateInput => ({
  prompt,
  temperature: 0,
  maxTokens: 24,
  ignoreEos: true,
  ...rest,
});

describe.each(['window', 'recurrent'])('a model whose memory cannot be cut back (%s)', (name) => {
  const open = (parallel: number) =>
    createEngine({
      backend: llama({ model: join(folder, `${name}.gguf`), gpu: false, threads: 1 }),
      parallel,
      contextSize: 4096,
    });
  let engine: Engine;
  beforeAll(async () => {
    engine = await open(1);
  });
  afterAll(() => engine.close());

  /** Runs a generation and checks that it reuses exactly the tokens that the estimate promised. */
  async function generate(input: GenerateInput, owner: string): Promise<GenerationResult> {
    const { cached } = await engine.estimate(input, { owner });
    const result = await engine.generate(input, { owner }).result();
    expect(result.usage.cachedTokens).toBe(cached);
    return result;
  }

  let owners = 0;
  /** The answer when nothing is reused. */
  async function fresh(input: GenerateInput): Promise<string> {
    const { text, usage } = await generate(input, `owner ${owners++}`);
    expect(usage.cachedTokens).toBe(0);
    expect(text.length).toBeGreaterThan(20);
    return text;
  }

  it('the next message of a chat reads only its new tokens', async () => {
    const messages: GenerateInput['messages'] = [{ role: 'user', content: prose(900, 1) }];
    const turn = { temperature: 0, maxTokens: 120, ignoreEos: true };
    let before = 0;
    for (const question of ['And then?', prose(200, 2), 'Why?']) {
      const { text, usage } = await generate({ ...turn, messages }, 'chatter');
      expect(usage.cachedTokens).toBeGreaterThanOrEqual(0.95 * before);
      expect(usage.promptTokens).toBeGreaterThan(before);
      before = usage.promptTokens;
      messages.push({ role: 'assistant', content: text }, { role: 'user', content: question });
    }
    const last = await generate({ ...turn, messages }, 'chatter');
    expect(last.usage.cachedTokens).toBeGreaterThanOrEqual(0.95 * before);
    expect(last.text).toBe(await fresh({ ...turn, messages }));
  });

  it('a prompt continues where a cancel stopped it', async () => {
    const input = raw(prose(1500, 3));
    const cancelled = engine.generate(input, { owner: 'retrier' });
    let read = 0;
    for await (const event of cancelled) {
      if (event.type !== 'prefill' || event.phase !== 'prefill') continue;
      read = event.processed ?? 0;
      if (read >= (event.total ?? 0) / 2) void cancelled.cancel();
    }
    const { usage, text } = await generate(input, 'retrier');
    // The chunk that was being read at the cancel was read to its end.
    expect(usage.cachedTokens).toBeGreaterThanOrEqual(read);
    expect(usage.cachedTokens).toBeGreaterThanOrEqual(0.45 * usage.promptTokens);
    expect(usage.cachedTokens).toBeLessThan(usage.promptTokens - 1);
    expect(text).toBe(await fresh(input));
  });

  it('the same prompt reads only its last token again', async () => {
    const input = raw(prose(700, 4));
    const first = await generate(input, 'again');
    const again = await generate(input, 'again');
    expect(again.usage.cachedTokens).toBe(again.usage.promptTokens - 1);
    expect(again.text).toBe(first.text);
    expect(first.text).toBe(await fresh(input));
  });

  it('a prompt goes back to the last checkpoint within the tokens that it shares', async () => {
    const document = prose(1400, 5);
    await generate(raw(`${document} ${prose(40, 6)}`), 'reader');
    const other = raw(`${document} ${prose(40, 7)}`);
    const next = await generate(other, 'reader');
    expect(next.usage.cachedTokens).toBeGreaterThan(0.7 * next.usage.promptTokens);
    expect(next.text).toBe(await fresh(other));

    await generate(raw(document), 'reader');
    const halfway = raw(`${document.slice(0, document.length * 0.45)} ${prose(700, 8)}`);
    const half = await generate(halfway, 'reader');
    expect(half.usage.cachedTokens).toBeGreaterThan(0.3 * half.usage.promptTokens);
    expect(half.usage.cachedTokens).toBeLessThan(0.5 * half.usage.promptTokens);
    expect(half.text).toBe(await fresh(halfway));
  });

  it('a prompt that differs before the first checkpoint reuses nothing', async () => {
    await generate(raw(`Once upon a time ${prose(600, 9)}`), 'parting');
    const other = raw(`Once upon a time ${prose(600, 10)}`);
    const { text, usage } = await generate(other, 'parting');
    expect(usage.cachedTokens).toBe(0);
    expect(text).toBe(await fresh(other));
  });

  it("an owner never reuses another owner's tokens", async () => {
    const input = raw(prose(800, 11));
    await generate(input, 'first owner');
    const { usage } = await generate(raw(prose(100, 12)), 'second owner');
    expect(usage.cachedTokens).toBe(0);
    const { usage: then } = await generate(input, 'second owner');
    expect(then.cachedTokens).toBe(0);
  });

  it('two choices share one prefill, and both slots keep usable checkpoints', async () => {
    const [input, longer] = [raw(prose(900, 13)), raw(`${prose(900, 13)} ${prose(30, 14)}`)];
    const text = await fresh(input);
    await using pair = await open(2);
    const both = await pair.generate({ ...input, choices: 2 }).result();
    expect(both.choices.map((choice) => choice.text)).toEqual([text, text]);
    const again = await Promise.all([input, input].map((same) => pair.generate(same).result()));
    for (const { usage, text: same } of again) {
      expect(usage.cachedTokens).toBe(usage.promptTokens - 1);
      expect(same).toBe(text);
    }
    expect((await pair.generate(longer).result()).text).toBe(await fresh(longer));
  });

  it('checkpoints are taken between two batches of the streams that run at the same time', async () => {
    await using other = await open(3);
    let written = 0;
    const streams = ['a fox', 'an owl'].map((hero, at) =>
      other.generate(raw(`${prose(100, at)} ${hero}`, { maxTokens: 3000 }), {
        owner: `writer ${at}`,
        progress: ({ completionTokens }) => void (written = completionTokens),
      }),
    );
    await Promise.all(streams.map(({ admitted }) => admitted));
    for (const seed of [15, 16, 17])
      await other.generate(raw(prose(300, seed), { maxTokens: 2 }), { owner: 'reader' }).result();
    expect(await other.activity()).toMatchObject({ slots: { busy: 2 } });
    expect(written).toBeLessThan(2000);
    await Promise.all(streams.map((stream) => stream.cancel()));
  });

  it('the engine closes right after an answer, and in the middle of one', async () => {
    for (const maxTokens of [1, 30, 500]) {
      const closing = await open(2);
      const whole = closing.generate(raw(prose(300, 18), { maxTokens: Math.min(maxTokens, 30) })).result();
      const begun = closing.generate(raw(prose(300, 19), { maxTokens: 3000 })).result();
      await Promise.all([
        whole.then(() => closing.close()),
        expect(begun).rejects.toMatchObject({ code: 'shutting-down' }),
      ]);
    }
  });
});

describe('the checkpoints of a slot', () => {
  let instance: Llama;
  beforeAll(async () => {
    instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: 1 });
  });
  afterAll(() => instance.dispose());

  async function openSlot(name: string, maxMemory?: number) {
    const model = await instance.loadModel({ modelPath: join(folder, `${name}.gguf`) });
    const context = await model.createContext({ contextSize: 4096, sequences: 1, threads: 1, batchSize: 512 });
    const sequence = context.getSequence({ checkpoints: { interval: false, maxMemory } });
    const abort = new AbortController();
    const take = sequence.takeCheckpoint.bind(sequence);
    const onTake: (() => void)[] = [];
    sequence.takeCheckpoint = () => {
      const taking = take();
      onTake.shift()?.();
      return taking;
    };
    const [checkpoints] = openCheckpoints(context, [sequence], maxMemory);
    let bias: TokenBias | undefined;
    const slot = new LlamaSlot({
      sequence,
      checkpoints,
      noEndBias: () => (bias ??= createNoEndBias(model)),
      loop: batchLoopOf(context),
    });
    const prepare = (input: GenerateInput): Promise<LlamaPrompt> =>
      renderPrompt(generateRequest.parse(input), {
        model,
        chat: openChat(model),
        eventLoop: new EventLoopQueue(),
        signal: new AbortController().signal,
      });
    /** Resolves with the number of reused tokens. */
    const read = async (prompt: LlamaPrompt, signal = new AbortController().signal) => {
      const steps: number[] = [];
      const onProgress = (processed: number) => void steps.push(processed);
      const nextChunk = (remaining: number) => Math.min(64, remaining);
      await slot.prefill(prompt, { signal, nextChunk, onRead: () => undefined, onProgress });
      return steps[0];
    };
    const write = (prompt: LlamaPrompt) =>
      slot.decode(prompt, { choice: 0, signal: abort.signal, maxTokens: 100, room: 100, onPiece: () => undefined });
    return {
      context,
      sequence,
      slot,
      abort,
      onTake,
      prepare,
      read,
      write,
      [Symbol.asyncDispose]: () => model.dispose(),
    };
  }

  it.each(['window', 'recurrent'])('never exceed their memory, and the newest stay (%s)', async (name) => {
    await using probe = await openSlot(name);
    await probe.read(await probe.prepare(raw(prose(400, 1))));
    const size = probe.sequence.checkpointsMemoryUsage / 2;

    await using slot = await openSlot(name, 3.5 * size);
    for (const seed of [1, 2, 3]) {
      const prompt = await slot.prepare(raw(`${prose(700, 1)} ${prose(200, seed)}`));
      await slot.read(prompt);
      await slot.write(prompt);
      expect(slot.sequence.checkpointsMemoryUsage).toBeGreaterThan(2 * size);
      expect(slot.sequence.checkpointsMemoryUsage).toBeLessThanOrEqual(3.5 * size);
      expect(slot.slot.reusable(prompt)).toBe(prompt.total - 1);
    }

    await using tight = await openSlot(name, size / 2);
    for (const seed of [1, 2]) {
      const prompt = await tight.prepare(raw(`${prose(400, 1)} ${prose(200, seed)}`));
      await tight.read(prompt);
      await tight.write(prompt);
      expect(tight.sequence.checkpointsMemoryUsage).toBe(size);
      expect(await tight.read(prompt)).toBe(prompt.total - 1);
    }
  });

  it.each(['window', 'recurrent'])('leave the memory usable when one is taken during a cancel (%s)', async (name) => {
    await using opened = await openSlot(name);
    const { slot, abort, onTake, prepare, read } = opened;
    const prompt = await prepare(raw(prose(900, 2)));
    onTake.push(() => abort.abort(new Error('cancelled')));
    await expect(read(prompt, abort.signal)).rejects.toThrow('cancelled');
    expect(abort.signal.aborted).toBe(true);
    const kept = slot.held;
    expect(kept).toBeGreaterThan(500);
    expect(slot.reusable(prompt)).toBe(kept);
    expect(await read(prompt)).toBe(kept);
  });

  it.each(['window', 'recurrent'])('are not taken of an answer, where no prompt continues (%s)', async (name) => {
    await using opened = await openSlot(name);
    const { sequence, slot, prepare, read, write } = opened;
    const prompt = await prepare({ messages: [{ role: 'user', content: prose(300, 7) }], ignoreEos: true });
    await read(prompt);
    await write(prompt);
    expect(slot.held).toBeGreaterThan(prompt.total + 50);
    expect(sequence.lastCheckpointIndex).toBe(prompt.total - 2);
  });

  it('are dropped when one of them cannot be restored', async () => {
    await using opened = await openSlot('recurrent');
    const { context, sequence, slot, prepare, read } = opened;
    await read(await prepare(raw(prose(1500, 3))));
    const { _ctx } = context as unknown as { _ctx: object };
    Object.defineProperty(_ctx, 'restoreCheckpoint', { value: () => Promise.resolve(false) });
    const other = await prepare(raw(`${prose(1200, 3)} ${prose(400, 4)}`));
    expect(slot.reusable(other)).toBeGreaterThan(500);
    await expect(read(other, AbortSignal.abort())).rejects.toThrow();
    expect(await read(await prepare(raw('Once upon a time')))).toBe(0);
    expect(sequence.checkpointsMemoryUsage).toBe(0);
  });

  it('are not taken where the memory can be cut back, whatever the file says', async () => {
    await using opened = await openSlot('unwindowed');
    const { sequence, prepare, read, write, onTake } = opened;
    expect(sequence.needsCheckpoints).toBe(false);
    onTake.push(() => expect.unreachable('a checkpoint was taken'));
    const prompt = await prepare({ messages: [{ role: 'user', content: prose(900, 5) }] });
    await read(prompt);
    await write(prompt);
    const other = await prepare({ messages: [{ role: 'user', content: `${prose(500, 5)} ${prose(100, 6)}` }] });
    expect(await read(other)).toBeGreaterThan(500);
    expect(sequence.checkpointsMemoryUsage).toBe(0);
  });
});
