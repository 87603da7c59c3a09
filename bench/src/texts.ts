// How often a text differs from the one that the same request got alone on an idle engine: asked again, read and written
// while three others decode, read in turns with three other prompts, and read from the middle because its beginning was
// still in memory. And how far apart its tokens' log-probabilities are, as long as both texts are the same.
// npm run bench -- texts [--model x.gguf] [--threads 1] [--prompts 100] [--tokens 64] [--seed 1] [--json file]
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama, type GenerateOptions } from '@headway/engine';
import type { TokenLogprob } from '@headway/protocol';

import { median } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
    threads: { type: 'string', default: '1' },
    prompts: { type: 'string', default: '100' },
    tokens: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const [threads, prompts, maxTokens, seed] = [values.threads, values.prompts, values.tokens, values.seed].map(
  Number,
) as [number, number, number, number];

const engine = await createEngine({
  backend: llama({ model: values.model, threads, gpu: false }),
  parallel: 4,
  contextSize: 2048,
});

/** Numbers from 0 up to 1 (Park and Miller's generator). */
function createRandom(state: number): () => number {
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
const random = createRandom(seed);

const words =
  'the small fox and the old owl read a long report about the harbour and the lighthouse while the rain went on'.split(
    ' ',
  );
const randomText = (length: number) =>
  Array.from({ length }, () => words[Math.floor(random() * words.length)]).join(' ');

interface Asked {
  text: string;
  temperature: number;
  seed: number;
}

/** Each run has an owner of its own, so that nothing but what it asked itself is in memory for it. */
let owners = 0;
const newOwner = (): GenerateOptions => ({ owner: `run-${owners++}` });

interface Answer {
  text: string;
  logprobs: readonly TokenLogprob[];
  cached: number;
  /** Whether a chunk had fewer than 64 tokens that was not the prompt's end. */
  smallChunks: boolean;
}

async function ask({ text, ...sampling }: Asked, options = newOwner()): Promise<Answer> {
  const messages = [{ role: 'user' as const, content: text }];
  const generation = engine.generate({ messages, maxTokens, ignoreEos: true, logprobs: 20, ...sampling }, options);
  const ends: number[] = [];
  for await (const event of generation)
    if (event.type === 'prefill' && event.phase === 'prefill') ends.push(event.processed ?? 0);
  const result = await generation.result();
  const sizes = ends.slice(1, -1).map((end, at) => end - (ends[at] ?? 0));
  return {
    text: result.text,
    logprobs: result.logprobs ?? [],
    cached: result.usage.cachedTokens,
    smallChunks: sizes.some((size) => size > 0 && size < 64),
  };
}

/** Keeps three slots busy in one way until the work is done. */
async function beside<T>(others: (signal: AbortSignal) => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const busy = Array.from({ length: 3 }, async () => {
    while (!abort.signal.aborted) await others(abort.signal);
  });
  try {
    return await work();
  } finally {
    abort.abort();
    await Promise.all(busy);
  }
}

const write = (signal: AbortSignal) =>
  engine.generate({ prompt: 'Once upon a time', maxTokens: 2000, ignoreEos: true }, { signal, ...newOwner() }).result();
const read = (signal: AbortSignal) =>
  engine.generate({ prompt: randomText(1200), maxTokens: 1 }, { signal, ...newOwner() }).result();

async function afterItsBeginning(asked: Asked): Promise<Answer> {
  const owner = newOwner();
  const { length } = asked.text;
  await ask({ ...asked, text: asked.text.slice(0, length / 2) }, owner);
  return ask(asked, owner);
}

const set = Array.from({ length: prompts }, (_, at): Asked => ({
  text: `${at}. ${randomText(40 + Math.floor(random() * 1200))}`,
  temperature: at % 2 === 0 ? 0 : 0.8,
  seed: at,
}));

interface Deviation {
  /** Largest difference of a written token's log-probability. */
  written: number;
  /** Of any token's that is among the 20 most likely of both. */
  top: number;
}

/** The 20 most likely, but for those of which several have the same text. */
function byText({ top }: TokenLogprob): Map<string, number> {
  const texts = top.map(({ token }) => token);
  const alone = top.filter(({ token }) => texts.indexOf(token) === texts.lastIndexOf(token));
  return new Map(alone.map(({ token, logprob }) => [token, logprob]));
}

/** Up to and with the first token that differs: until there both follow the same text. */
function deviation(one: Answer, other: Answer): Deviation {
  const found: Deviation = { written: 0, top: 0 };
  for (const [at, token] of one.logprobs.entries()) {
    const beside = other.logprobs[at];
    if (!beside) break;
    const likely = byText(beside);
    for (const [text, logprob] of byText(token))
      found.top = Math.max(found.top, Math.abs(logprob - (likely.get(text) ?? logprob)));
    if (token.token !== beside.token) break;
    found.written = Math.max(found.written, Math.abs(token.logprob - beside.logprob));
  }
  return found;
}

const alone: Answer[] = [];
for (const asked of set) alone.push(await ask(asked));

const ways: Record<string, (asked: Asked) => Promise<Answer>> = {
  'alone again': (asked) => ask(asked),
  'while three others decode': (asked) => beside(write, () => ask(asked)),
  'while three other prompts are read': (asked) => beside(read, () => ask(asked)),
  'with its first half still in memory': afterItsBeginning,
};
const rows: Record<string, unknown> = {};
for (const [way, run] of Object.entries(ways)) {
  let cached = 0;
  const deviations: Deviation[] = [];
  const plans = { whole: { texts: 0, cold: 0, seeded: 0 }, small: { texts: 0, cold: 0, seeded: 0 } };
  for (const [at, asked] of set.entries()) {
    const result = await run(asked);
    cached += result.cached;
    const plan = plans[result.smallChunks || alone[at]?.smallChunks ? 'small' : 'whole'];
    plan.texts++;
    const before = alone[at];
    if (before && asked.temperature === 0) deviations.push(deviation(before, result));
    if (result.text !== alone[at]?.text) plan[asked.temperature === 0 ? 'cold' : 'seeded']++;
  }
  rows[way] = {
    'texts by chunks of 64 and more': plans.whole.texts,
    'differ at temperature 0': plans.whole.cold,
    'differ at a seeded 0.8': plans.whole.seeded,
    'texts by smaller ones': plans.small.texts,
    'of these differ': plans.small.cold + plans.small.seeded,
    'tokens in memory': cached,
    'log-probability of a written token, worst': Math.max(...deviations.map(({ written }) => written)),
    'of one of the 20 likeliest, worst': Math.max(...deviations.map(({ top }) => top)),
    'the same, median of texts': median(deviations.map(({ top }) => top)),
  };
}
await engine.close();

const result = { model: basename(values.model), threads, tokensPerText: maxTokens, seed, ways: rows };
console.log(
  `${result.model}, ${threads} thread(s), ${prompts} random prompts, half of them at temperature 0, ${maxTokens} tokens each`,
);
console.table(rows);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
