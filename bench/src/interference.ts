// A stream that decodes during the prefill of a long prompt: its gaps between two tokens, the slowdown of the prefill,
// and how soon a cancelled prefill frees its slot.
// npm run bench -- interference [--model x.gguf] [--threads n] [--rounds 5] [--prompt 4000] [--json file]
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama } from '@headway/engine';

import { passage } from './passage.ts';
import { median, round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
    /** For decode and prefill. @default measured by the engine */
    threads: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    prompt: { type: 'string', default: '4000' },
    json: { type: 'string' },
  },
});
const [rounds, words] = [values.rounds, values.prompt].map(Number) as [number, number];

const engine = await createEngine({
  backend: llama({
    model: values.model,
    gpu: false,
    ...(values.threads !== undefined && { threads: Number(values.threads) }),
  }),
  parallel: 2,
  contextSize: 8192,
});
const chat = (content: string) => [{ role: 'user' as const, content }];

/** Prefills a new prompt. Resolves with the prefill time, in ms. */
async function readPrompt(seed: number): Promise<number> {
  const { timings } = await engine
    .generate({ messages: chat(passage(words, seed)), maxTokens: 1, temperature: 0 })
    .result();
  return timings.prefillMs;
}

interface Interference {
  prefillMs: number;
  /** The stream's gaps between two tokens during the prefill, in ms. */
  gaps: number[];
}

/** Prefills a new prompt while another stream decodes. */
async function readWithStream(seed: number): Promise<Interference> {
  const stream = engine.generate({
    messages: chat(`Tell me a story, number ${seed}.`),
    maxTokens: 4000,
    ignoreEos: true,
    temperature: 0,
  });
  const gaps: number[] = [];
  let reading: Promise<number> | null = null;
  let prefillMs: number | null = null;
  let last = 0;
  for await (const event of stream) {
    if (event.type !== 'token') continue;
    const now = performance.now();
    if (reading) gaps.push(now - last);
    last = now;
    if (prefillMs !== null) break;
    if (event.completionTokens >= 8 && !reading) {
      reading = readPrompt(seed);
      void reading.then((ms) => (prefillMs = ms));
    }
  }
  return { prefillMs: prefillMs ?? Number.NaN, gaps };
}

/** Cancels during prefill. Resolves with the time until the slot was free, in ms. */
async function cancelInPrefill(seed: number): Promise<number> {
  const generation = engine.generate({ messages: chat(passage(words, seed)), maxTokens: 1 });
  for await (const event of generation) {
    if (event.type !== 'prefill' || (event.processed ?? 0) < (event.total ?? 0) / 3) continue;
    const start = performance.now();
    await generation.cancel();
    return performance.now() - start;
  }
  throw new Error('prefill ended before the cancel');
}

await readPrompt(900);
await readWithStream(901);
const alone: number[] = [];
const withStream: Interference[] = [];
const cancels: number[] = [];
for (let at = 0; at < rounds; at++) {
  alone.push(await readPrompt(10 * at + 1));
  withStream.push(await readWithStream(10 * at + 2));
  cancels.push(await cancelInPrefill(10 * at + 3));
}
const [model] = await engine.models();
await engine.close();

const result = {
  model: basename(values.model),
  threads: { decode: model?.threads ?? null, prefill: model?.prefillThreads ?? null },
  rounds,
  promptWords: words,
  worstGapMs: round(median(withStream.map(({ gaps }) => Math.max(...gaps)))),
  worstGapsMs: withStream.map(({ gaps }) => round(Math.max(...gaps))),
  medianGapMs: round(median(withStream.flatMap(({ gaps }) => gaps))),
  prefillAloneMs: round(median(alone)),
  prefillWithStreamMs: round(median(withStream.map(({ prefillMs }) => prefillMs))),
  prefillCost: round(median(withStream.map(({ prefillMs }, at) => prefillMs / (alone[at] ?? Number.NaN) - 1)), 3),
  tokensMeanwhile: median(withStream.map(({ gaps }) => gaps.length)),
  cancelToFreeMs: round(Math.max(...cancels)),
};
console.log(
  `${result.model}, ${words} words of prompt, ${rounds} rounds, threads: ${result.threads.decode} in decode, ${result.threads.prefill} in prefill`,
);
console.table({
  'worst gap between tokens, ms (median of rounds)': { measured: result.worstGapMs, target: 120 },
  'slowdown of prefill beside a stream': { measured: result.prefillCost, target: 0.2 },
  'cancel in prefill to slot free, ms (worst)': { measured: result.cancelToFreeMs, target: 150 },
});
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
