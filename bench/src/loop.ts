// How long a prompt that nearly fills the context holds up the event loop of the engine's process.
// npm run bench -- loop [--model x.gguf] [--threads 1] [--context 32768] [--rounds 7] [--json file]
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { createEngine, llama } from '@headway/engine';
import { isHeadwayError, type GenerateInput } from '@headway/protocol';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

import { watchLoop } from './loop-waits.ts';
import { passage } from './passage.ts';
import { median, round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: fileURLToPath(import.meta.resolve('@headway/storyteller/storyteller.gguf')) },
    threads: { type: 'string', default: '1' },
    context: { type: 'string', default: '32768' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'string' },
  },
});
const [threads, contextSize, rounds] = [values.threads, values.context, values.rounds].map(Number) as [
  number,
  number,
  number,
];

const text = passage(Math.floor(contextSize * 0.95), 1);
const turns = Array.from({ length: Math.floor(contextSize / 80) }, (_, at) => passage(50, at));
const prompts: Record<string, GenerateInput> = {
  'one message': { messages: [{ role: 'user', content: text }] },
  'many messages': {
    messages: turns.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content })),
  },
  'raw text': { prompt: text },
};
const tooLong: Record<string, GenerateInput> = {
  'twice the context': { prompt: `${text} ${text}` },
  '4 MB': { prompt: text.repeat(Math.ceil(4_000_000 / text.length)).slice(0, 4_000_000) },
};

const loop = watchLoop();
const engine = await createEngine({
  backend: llama({ model: values.model, threads, gpu: false }),
  parallel: 1,
  contextSize,
});

/** Where the loop's longest waits fell, in ms, and how many tokens the prompt has. After the first time it is cached. */
async function generate(input: GenerateInput) {
  const began = performance.now();
  let [tokens, admitted, read] = [0, 0, 0];
  for await (const event of engine.generate({ ...input, maxTokens: 4, temperature: 0, ignoreEos: true })) {
    if (event.type === 'error') throw new Error(event.message);
    if (event.type !== 'prefill' || event.phase !== 'processing') continue;
    tokens = event.total ?? 0;
    admitted ||= performance.now();
    read = performance.now();
  }
  await loop.settled();
  return {
    tokens,
    admission: loop.longest(began, admitted),
    reading: loop.longest(admitted, read),
    decoding: loop.longest(read, performance.now()),
  };
}

async function refuse(input: GenerateInput): Promise<number> {
  const began = performance.now();
  const refusal = await engine.generate(input).admitted.catch((thrown: unknown) => thrown);
  if (!isHeadwayError(refusal) || refusal.code !== 'context-overflow') throw new Error('it was not refused');
  await loop.settled();
  return loop.longest(began, performance.now());
}

const rows: Record<string, Record<string, number>> = {};
for (const [name, input] of Object.entries(prompts)) {
  const { tokens, reading } = await generate(input);
  const runs: { admission: number; decoding: number }[] = [];
  for (let at = 0; at < rounds; at++) runs.push(await generate(input));
  rows[name] = {
    tokens,
    admission: round(median(runs.map(({ admission }) => admission))),
    reading: round(reading),
    'first tokens': round(median(runs.map(({ decoding }) => decoding))),
    reach: 50,
  };
}
for (const [name, input] of Object.entries(tooLong)) {
  const waits: number[] = [];
  for (let at = 0; at < rounds; at++) waits.push(await refuse(input));
  rows[`refused: ${name}`] = { admission: round(median(waits)), reach: 50 };
}
await engine.close();
loop.stop();

const instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error });
const model = await instance.loadModel({ modelPath: values.model, vocabOnly: true });
const atOnce = Array.from({ length: rounds }, () => {
  const began = performance.now();
  model.tokenizer(text);
  return performance.now() - began;
});
await instance.dispose();

const result = {
  model: basename(values.model),
  threads,
  contextSize,
  rounds,
  characters: text.length,
  atOnceMs: round(median(atOnce)),
  rows,
};
console.log(
  `${result.model}: longest wait of the event loop in ms, median of ${rounds} rounds (reading: of the first)`,
);
console.table(rows);
console.log(`tokenised at once, the ${result.characters.toLocaleString('en')} characters take ${result.atOnceMs} ms`);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
