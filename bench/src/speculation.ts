// Speculative decoding by prompt look-up against plain decoding: same model, same requests at temperature 0,
// alternating. Once with an answer that repeats text of the conversation, and once with one that hardly does.
// npm run bench -- speculation [--model x.gguf] [--threads 1] [--rounds 5] [--tokens 120] [--json file]
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama, type Engine } from '@headway/engine';

import { median, round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '120' },
    json: { type: 'string' },
  },
});
const [threads, rounds, maxTokens] = [values.threads, values.rounds, values.tokens].map(Number) as [
  number,
  number,
  number,
];

const open = (speculate?: 'prompt-lookup') =>
  createEngine({
    backend: llama({ model: values.model, threads, gpu: false, speculate }),
    parallel: 1,
    contextSize: 2048,
  });
const [plain, speculative] = [await open(), await open('prompt-lookup')];

/** Each run has its own owner, so that both sides prefill the whole prompt: cached tokens can change a text. */
let owners = 0;
const generate = (engine: Engine, turns: readonly string[]) => {
  const messages = turns.map((content, at) => {
    return { role: at % 2 === 0 ? ('user' as const) : ('assistant' as const), content };
  });
  return engine
    .generate({ messages, maxTokens, temperature: 0, ignoreEos: true }, { owner: `run-${owners++}` })
    .result();
};

interface Pair {
  ratio: number;
  drafted: number;
  accepted: number;
  same: boolean;
}

async function compare(turns: readonly string[], plainFirst: boolean): Promise<Pair> {
  const order = plainFirst ? [plain, speculative] : [speculative, plain];
  const results = new Map<Engine, Awaited<ReturnType<typeof generate>>>();
  for (const engine of order) results.set(engine, await generate(engine, turns));
  const [without, withDrafts] = [results.get(plain), results.get(speculative)];
  if (!without || !withDrafts) throw new Error('a run is missing');
  return {
    ratio: without.timings.decodeMs / withDrafts.timings.decodeMs,
    drafted: withDrafts.timings.speculation?.drafted ?? 0,
    accepted: withDrafts.timings.speculation?.accepted ?? 0,
    same: without.text === withDrafts.text,
  };
}

const subjects = ['an owl', 'a fox', 'a lighthouse', 'a small boat', 'a library', 'a mountain', 'a robot', 'a garden'];
const repeats: Pair[] = [];
const stories: Pair[] = [];
for (let at = -1; at < rounds; at++) {
  const question = `Tell me a story about ${subjects[(at + subjects.length) % subjects.length]}.`;
  const { text } = await generate(plain, [question]);
  const pair = await compare([question, text, question], at % 2 === 0);
  const story = await compare([question], at % 2 !== 0);
  // The first round warms up both engines, and the speculative one measures its step times.
  if (at < 0) continue;
  repeats.push(pair);
  stories.push(story);
}
await plain.close();
await speculative.close();

const sum = (pairs: readonly Pair[], of: 'drafted' | 'accepted') => pairs.reduce((total, pair) => total + pair[of], 0);
const row = (pairs: readonly Pair[]) => ({
  'speedup over plain decoding': round(median(pairs.map(({ ratio }) => ratio)), 2),
  drafted: sum(pairs, 'drafted'),
  accepted: sum(pairs, 'accepted'),
  'acceptance rate': round(sum(pairs, 'accepted') / Math.max(1, sum(pairs, 'drafted')), 2),
  'texts equal': `${pairs.filter(({ same }) => same).length} of ${pairs.length}`,
});
const rows = { 'an answer that repeats the conversation': row(repeats), 'a new story': row(stories) };
const result = {
  model: basename(values.model),
  threads,
  rounds,
  tokens: maxTokens,
  rows,
  ratios: {
    repeats: repeats.map(({ ratio }) => round(ratio, 2)),
    stories: stories.map(({ ratio }) => round(ratio, 2)),
  },
};
console.log(`${result.model}, ${threads} thread(s), ${rounds} answers of ${maxTokens} tokens each`);
console.table(rows);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
