// The error of estimates, alone and under load: of the TTFT estimated right before a request is sent, and of the
// `etaMs` that the prefill events report.
// npm run bench -- estimate [--model x.gguf] [--threads 1] [--rounds 2] [--clock processor] [--json file]
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama, systemClock } from '@headway/engine';

import { measurePrefill, type Measurement } from './measured-prefill.ts';
import { processorClock } from './processor-clock.ts';
import { passage } from './passage.ts';
import { quantile, round } from './statistics.ts';
import { underLoad } from './under-load.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '2' },
    clock: { type: 'string', default: 'wall' },
    json: { type: 'string' },
  },
});
const [threads, rounds] = [values.threads, values.rounds].map(Number) as [number, number];
const lengths = [100, 200, 400, 700, 1000, 1500, 2000, 2500, 3000, 4000];
const conditions = {
  alone: { decoders: 0, prefills: 0, cached: false },
  'alone, half cached': { decoders: 0, prefills: 0, cached: true },
  'beside 1 decoder': { decoders: 1, prefills: 0, cached: false },
  'beside 2 decoders, half cached': { decoders: 2, prefills: 0, cached: true },
  'beside 3 decoders': { decoders: 3, prefills: 0, cached: false },
  'beside 2 prefills': { decoders: 0, prefills: 2, cached: false },
  'beside 2 prefills, a decoder': { decoders: 1, prefills: 2, cached: false },
};
const clock = values.clock === 'processor' ? processorClock : systemClock;
type Condition = keyof typeof conditions;

const engine = await createEngine({
  backend: llama({ model: values.model, threads, gpu: false }),
  parallel: 4,
  contextSize: 8192,
  clock,
});
let seed = 0;

/** Gets an estimate of a request, then sends it. */
async function measure(condition: Condition, words: number): Promise<Measurement> {
  const { cached, ...others } = conditions[condition];
  seed++;
  const messages = [{ role: 'user' as const, content: passage(cached ? words / 2 : words, seed) }];
  const follow = [
    { role: 'assistant' as const, content: 'I have read it.' },
    { role: 'user' as const, content: passage(words / 2, seed) },
  ];
  const request = {
    messages: cached ? [...messages, ...follow] : messages,
    maxTokens: 2,
    ignoreEos: true,
    temperature: 0,
  };
  return underLoad(engine, { ...others, seed }, async () => {
    if (cached) await engine.generate({ messages, maxTokens: 1 }).result();
    return measurePrefill(engine, request, clock);
  });
}

const names = Object.keys(conditions) as Condition[];
const measurements: (Measurement & { condition: Condition })[] = [];
// The engine predicts only what it has measured: run one prompt under each condition first.
await engine.generate({ prompt: passage(1000, 0), maxTokens: 8 }).result();
for (const condition of names) await measure(condition, 1200);
for (let at = 0; at < rounds; at++) {
  for (const words of lengths) {
    for (const condition of names) measurements.push({ condition, ...(await measure(condition, words)) });
  }
}
await engine.close();

const percent = (share: number) => round(100 * share);

/** From signed relative errors: median and 90th percentile of their absolute values, and the signed median (bias). */
function spread(errors: readonly number[]) {
  const sizes = errors.map(Math.abs);
  return {
    median: percent(quantile(sizes, 0.5)),
    p90: percent(quantile(sizes, 0.9)),
    bias: percent(quantile(errors, 0.5)),
  };
}

const errorOf = ({ predictedMs, firstTokenMs }: Measurement) => predictedMs / firstTokenMs - 1;
const etaAt = (share: number, all: readonly Measurement[]) =>
  spread(all.flatMap(({ etas }) => etas.filter((eta) => eta.share === share).map(({ error }) => error)));
const summary = (all: readonly Measurement[]) => ({
  prompts: all.length,
  firstToken: spread(all.map(errorOf)),
  eta: { at25: etaAt(0.25, all), at50: etaAt(0.5, all), at75: etaAt(0.75, all) },
});
const result = {
  model: basename(values.model),
  threads,
  rounds,
  clock: values.clock,
  all: summary(measurements),
  conditions: Object.fromEntries(
    names.map((name) => [name, summary(measurements.filter(({ condition }) => condition === name))]),
  ),
  measurements: measurements.map(({ condition, tokens, cached, predictedMs, firstTokenMs }) => ({
    condition,
    tokens,
    cached,
    predictedMs: round(predictedMs),
    firstTokenMs: round(firstTokenMs),
  })),
};

console.log(
  `${result.model}, prompts of ${lengths[0]} to ${lengths.at(-1)} words, ${threads} thread(s), ${rounds} rounds, ${values.clock} time; errors in %`,
);
const row = ({ prompts, firstToken, eta }: ReturnType<typeof summary>) => ({
  prompts,
  'first token: median': firstToken.median,
  p90: firstToken.p90,
  bias: firstToken.bias,
  'eta at 25 %: median, p90': `${eta.at25.median}, ${eta.at25.p90}`,
  'at 50 %': `${eta.at50.median}, ${eta.at50.p90}`,
  'at 75 %': `${eta.at75.median}, ${eta.at75.p90}`,
});
console.table({
  ...Object.fromEntries(Object.entries(result.conditions).map(([name, one]) => [name, row(one)])),
  all: row(result.all),
});
console.log('target for the first token: median 15, 90th percentile 30');
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify({ ...result, measurements: undefined }));
