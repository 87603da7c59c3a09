// What each layer around llama.cpp costs: llama.cpp alone, a bare loop over node-llama-cpp, Headway's engine in that
// process, the engine in a process of its own, the gateway over HTTP. One, four and eight streams, in turns.
// npm run bench -- layers [--model embedded|364m|FILE.gguf] [--quant q8_0|q4_0] [--threads 2] [--rounds 5]
//   [--streams 1,4,8] [--seconds 2] [--llama-cpp FOLDER] [--json file]
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { openLayers } from './layers/open-layers.ts';
import { buildLlamaCpp, ownLlamaCpp } from './llama-cpp/build-llama-cpp.ts';
import { findModel } from './peers/find-model.ts';
import { describeMachine } from './peers/machine.ts';
import { median, round } from './statistics.ts';
import type { InStep } from './write-in-step.ts';

// All layers run on the prebuilt binary, also where `headway build` made one.
process.env['HEADWAY_PREBUILT'] ??= '1';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'embedded' },
    quant: { type: 'string', default: 'q8_0' },
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string', default: '5' },
    streams: { type: 'string', default: '1,4,8' },
    seconds: { type: 'string', default: '2' },
    'llama-cpp': { type: 'string' },
    json: { type: 'string' },
  },
});
const [threads, rounds, seconds] = [values.threads, values.rounds, values.seconds].map(Number) as [
  number,
  number,
  number,
];
const counts = values.streams.split(',').map(Number);
/** Of each stream. */
const [leastTokens, mostTokens] = [32, 1024];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const model = await findModel(values.model, values.quant);
const machine = describeMachine();
const own = values['llama-cpp'];
const { batchedBench } = own === undefined ? await buildLlamaCpp() : ownLlamaCpp(own);
const layers = await openLayers(batchedBench, {
  model: model.file,
  threads,
  streams: Math.max(...counts),
  contextSize: 2048,
});
const measured = new Map<string, InStep[]>();
const of = (layer: string, streams: number) => {
  const key = `${layer} ${streams}`;
  const found = measured.get(key) ?? [];
  measured.set(key, found);
  return found;
};
const [base] = layers;
if (!base) throw new Error('there are no layers');
for (const streams of counts) {
  const { tokensPerSecond } = await base.write(streams, leastTokens);
  const tokens = Math.round((tokensPerSecond * seconds) / streams);
  const write = Math.min(mostTokens, Math.max(leastTokens, tokens));
  for (const layer of layers) await layer.write(streams, leastTokens);
  for (let at = 0; at < rounds; at++) {
    console.error(`${streams} streams, round ${at + 1} of ${rounds}`);
    for (const layer of at % 2 === 0 ? layers : layers.toReversed())
      of(layer.name, streams).push(await layer.write(streams, write));
  }
}
await Promise.all(layers.map((layer) => layer.close()));

const rows = layers.flatMap(({ name }, at) =>
  counts.map((streams) => {
    const here = of(name, streams);
    const below = of(layers[at - 1]?.name ?? name, streams);
    const pairs = here.map((one, index) => one.tokensPerSecond / (below[index]?.tokensPerSecond ?? Number.NaN));
    const cpuMs = median(here.map((one) => one.cpuMs));
    return {
      layer: name,
      streams,
      tokensPerSecond: round(median(here.map((one) => one.tokensPerSecond)), 1),
      /** Tokens per second over those of the layer below. */
      ratio: at === 0 ? null : round(median(pairs), 3),
      cpuMs: round(cpuMs, 3),
      /** Processor time a token that this layer adds to the one below. */
      addedCpuMs: at === 0 ? null : round(cpuMs - median(below.map((one) => one.cpuMs)), 3),
    };
  }),
);
console.log(
  `${model.name}, ${threads} thread(s), median of ${rounds} rounds in turns, load ${machine.load} at the start`,
);
console.table(
  Object.fromEntries(
    rows.map(({ layer, streams, tokensPerSecond, ratio, cpuMs, addedCpuMs }) => [
      `${layer}, ${streams === 1 ? 'one stream' : `${streams} streams`}`,
      {
        'tokens/s': tokensPerSecond,
        'over the layer below': ratio,
        'processor ms a token': cpuMs,
        'of it added': addedCpuMs,
      },
    ]),
  ),
);
if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, model, threads, rows }, null, 2)}\n`);
process.exit(0);
