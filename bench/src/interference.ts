// A stream that decodes while a long prompt is read beside it: how long it waits between two tokens, what that costs
// the prompt, and how soon a cancelled prefill gives its slot back.
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
    /** For writing and reading alike. @default measured by the engine */
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

/** Reads a new prompt; resolves with how long that took, in ms. */
async function readPrompt(seed: number): Promise<number> {
  const { timings } = await engine
    .generate({ messages: chat(passage(words, seed)), maxTokens: 1, temperature: 0 })
    .result();
  return timings.prefillMs;
}

interface Beside {
  prefillMs: number;
  /** The stream's waits between two tokens while the prompt was read, in ms. */
  gaps: number[];
}

/** Reads a new prompt while another stream decodes. */
async function readBeside(seed: number): Promise<Beside> {
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

/** Cancels in mid-prefill; resolves with how long it took until the slot was free, in ms. */
async function cancelInPrefill(seed: number): Promise<number> {
  const generation = engine.generate({ messages: chat(passage(words, seed)), maxTokens: 1 });
  for await (const event of generation) {
    if (event.type !== 'prefill' || (event.processed ?? 0) < (event.total ?? 0) / 3) continue;
    const start = performance.now();
    await generation.cancel();
    return performance.now() - start;
  }
  throw new Error('the prompt was read before it could be cancelled');
}

await readPrompt(900);
await readBeside(901);
const alone: number[] = [];
const beside: Beside[] = [];
const cancels: number[] = [];
for (let at = 0; at < rounds; at++) {
  alone.push(await readPrompt(10 * at + 1));
  beside.push(await readBeside(10 * at + 2));
  cancels.push(await cancelInPrefill(10 * at + 3));
}
const [model] = await engine.models();
await engine.close();

const result = {
  model: basename(values.model),
  threads: { writing: model?.threads ?? null, reading: model?.prefillThreads ?? null },
  rounds,
  promptWords: words,
  worstGapMs: round(median(beside.map(({ gaps }) => Math.max(...gaps)))),
  worstGapsMs: beside.map(({ gaps }) => round(Math.max(...gaps))),
  medianGapMs: round(median(beside.flatMap(({ gaps }) => gaps))),
  prefillAloneMs: round(median(alone)),
  prefillBesideMs: round(median(beside.map(({ prefillMs }) => prefillMs))),
  prefillCost: round(median(beside.map(({ prefillMs }, at) => prefillMs / (alone[at] ?? Number.NaN) - 1)), 3),
  tokensMeanwhile: median(beside.map(({ gaps }) => gaps.length)),
  cancelToFreeMs: round(Math.max(...cancels)),
};
console.log(
  `${result.model}, ${words} words of prompt, ${rounds} rounds, threads: ${result.threads.writing} to write, ${result.threads.reading} to read`,
);
console.table({
  'worst gap between tokens, ms (median of rounds)': { measured: result.worstGapMs, reach: 120 },
  'prefill beside a stream over alone': { measured: result.prefillCost, reach: 0.2 },
  'cancel in prefill to slot free, ms (worst)': { measured: result.cancelToFreeMs, reach: 150 },
});
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
