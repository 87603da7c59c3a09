// How often a text differs from the text of the same request on an idle engine. The conditions: the request again;
// while three other streams decode; while three other prompts are prefilled; with the first half of the prompt cached.
// Also compares the tokens' log-probabilities up to the first difference.
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

/** Pseudo-random numbers from 0 to 1 (Park and Miller's generator). */
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

interface Request {
  text: string;
  temperature: number;
  seed: number;
}

/** Each run has its own owner, so that it reuses only its own earlier prompts. */
let owners = 0;
const newOwner = (): GenerateOptions => ({ owner: `run-${owners++}` });

interface Answer {
  text: string;
  logprobs: readonly TokenLogprob[];
  cached: number;
  /** Whether a chunk before the last one had fewer than 64 tokens. */
  smallChunks: boolean;
}

async function generate({ text, ...sampling }: Request, options = newOwner()): Promise<Answer> {
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

/** Keeps three slots busy with `others` until the work is done. */
async function underLoad<T>(others: (signal: AbortSignal) => Promise<unknown>, work: () => Promise<T>): Promise<T> {
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

async function withCachedHalf(request: Request): Promise<Answer> {
  const owner = newOwner();
  const { length } = request.text;
  await generate({ ...request, text: request.text.slice(0, length / 2) }, owner);
  return generate(request, owner);
}

const set = Array.from({ length: prompts }, (_, at): Request => ({
  text: `${at}. ${randomText(40 + Math.floor(random() * 1200))}`,
  temperature: at % 2 === 0 ? 0 : 0.8,
  seed: at,
}));

interface Deviation {
  /** Largest difference of the log-probability of a written token. */
  written: number;
  /** Largest difference of the log-probability of a token that is among the 20 likeliest in both. */
  top: number;
}

/** Log-probabilities by text of the 20 likeliest tokens, without texts that several tokens share. */
function byText({ top }: TokenLogprob): Map<string, number> {
  const texts = top.map(({ token }) => token);
  const alone = top.filter(({ token }) => texts.indexOf(token) === texts.lastIndexOf(token));
  return new Map(alone.map(({ token, logprob }) => [token, logprob]));
}

/** Compares two answers up to the first differing token, included: up to there both have the same context. */
function deviation(one: Answer, other: Answer): Deviation {
  const found: Deviation = { written: 0, top: 0 };
  for (const [at, token] of one.logprobs.entries()) {
    const match = other.logprobs[at];
    if (!match) break;
    const likely = byText(match);
    for (const [text, logprob] of byText(token))
      found.top = Math.max(found.top, Math.abs(logprob - (likely.get(text) ?? logprob)));
    if (token.token !== match.token) break;
    found.written = Math.max(found.written, Math.abs(token.logprob - match.logprob));
  }
  return found;
}

const alone: Answer[] = [];
for (const request of set) alone.push(await generate(request));

const conditions: Record<string, (request: Request) => Promise<Answer>> = {
  'alone again': (request) => generate(request),
  'while three others decode': (request) => underLoad(write, () => generate(request)),
  'while three other prompts are prefilled': (request) => underLoad(read, () => generate(request)),
  'with the first half of the prompt cached': withCachedHalf,
};
const rows: Record<string, unknown> = {};
for (const [condition, run] of Object.entries(conditions)) {
  let cached = 0;
  const deviations: Deviation[] = [];
  const plans = { whole: { texts: 0, cold: 0, seeded: 0 }, small: { texts: 0, cold: 0, seeded: 0 } };
  for (const [at, request] of set.entries()) {
    const result = await run(request);
    cached += result.cached;
    const plan = plans[result.smallChunks || alone[at]?.smallChunks ? 'small' : 'whole'];
    plan.texts++;
    const before = alone[at];
    if (before && request.temperature === 0) deviations.push(deviation(before, result));
    if (result.text !== alone[at]?.text) plan[request.temperature === 0 ? 'cold' : 'seeded']++;
  }
  rows[condition] = {
    'texts with chunks of 64 and more': plans.whole.texts,
    'differ at temperature 0': plans.whole.cold,
    'differ at a seeded 0.8': plans.whole.seeded,
    'texts with smaller chunks': plans.small.texts,
    'of these differ': plans.small.cold + plans.small.seeded,
    'cached tokens': cached,
    'log-probability of a written token, worst': Math.max(...deviations.map(({ written }) => written)),
    'of one of the 20 likeliest, worst': Math.max(...deviations.map(({ top }) => top)),
    'the same, median of texts': median(deviations.map(({ top }) => top)),
  };
}
await engine.close();

const result = { model: basename(values.model), threads, tokensPerText: maxTokens, seed, conditions: rows };
console.log(
  `${result.model}, ${threads} thread(s), ${prompts} random prompts, half of them at temperature 0, ${maxTokens} tokens each`,
);
console.table(rows);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
