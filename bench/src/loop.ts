// How long a prompt that nearly fills the context blocks the event loop of the engine's process.
// npm run bench -- loop [--model x.gguf] [--threads 1] [--context 32768] [--rounds 7] [--json file]
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama } from '@headway/engine';
import { isHeadwayError, type GenerateInput } from '@headway/protocol';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

import { watchEventLoop, type BlockedTime } from './event-loop-delay.ts';
import { passage } from './passage.ts';
import { median, round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
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

const loop = watchEventLoop();
const engine = await createEngine({
  backend: llama({ model: values.model, threads, gpu: false }),
  parallel: 1,
  contextSize,
});

/**
 * The longest blocked times in admission, prefill and the first token. From the second call on the prompt is cached.
 */
async function generate(input: GenerateInput) {
  const began = performance.now();
  let [tokens, admitted, read, written] = [0, 0, 0, 0];
  loop.forget();
  for await (const event of engine.generate({ ...input, maxTokens: 4, temperature: 0, ignoreEos: true })) {
    if (event.type === 'error') throw new Error(event.message);
    if (event.type === 'token') written ||= performance.now();
    if (event.type !== 'prefill' || event.phase !== 'prefill') continue;
    tokens = event.total ?? 0;
    admitted ||= performance.now();
    read = performance.now();
  }
  await loop.settled();
  return {
    tokens,
    admission: loop.longest(began, admitted),
    prefill: loop.longest(admitted, read),
    firstToken: loop.longest(read, written),
  };
}

async function refuse(input: GenerateInput): Promise<BlockedTime> {
  const began = performance.now();
  const refusal = await engine.generate(input).admitted.catch((thrown: unknown) => thrown);
  if (!isHeadwayError(refusal) || refusal.code !== 'context-overflow')
    throw new Error('the engine did not refuse the prompt with context-overflow');
  await loop.settled();
  return loop.longest(began, performance.now());
}

/** Medians over several rounds. */
const middle = (blocked: readonly BlockedTime[]) => ({
  ms: round(median(blocked.map(({ ms }) => ms))),
  'CPU ms': round(median(blocked.map(({ cpuMs }) => cpuMs))),
});
const target = 50;
const rows: Record<string, Record<string, number>> = {};
for (const [name, input] of Object.entries(prompts)) {
  const first = await generate(input);
  const again: (typeof first)[] = [];
  for (let at = 0; at < rounds; at++) again.push(await generate(input));
  rows[`${name} of ${first.tokens} tokens: admission`] = {
    ...middle([first, ...again].map((run) => run.admission)),
    target,
  };
  rows[`${name}: prefill`] = { ...middle([first.prefill]), target };
  rows[`${name}: first token`] = { ...middle([first, ...again].map((run) => run.firstToken)), target };
}
for (const [name, input] of Object.entries(tooLong)) {
  const blocked: BlockedTime[] = [];
  for (let at = 0; at < rounds; at++) blocked.push(await refuse(input));
  rows[`refused, ${name}`] = { ...middle(blocked), target };
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
console.log(`${result.model}: longest time that the event loop was blocked, median of ${rounds} rounds`);
console.table(rows);
console.log(
  `tokenising the ${result.characters.toLocaleString('en')} characters in one call takes ${result.atOnceMs} ms`,
);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
