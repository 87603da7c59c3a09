// Headway beside llama-server: the same model, threads, slots and context, measured over HTTP, in turns.
// npm run bench -- peers [--model embedded|100m|364m|1b|FILE.gguf …] [--quant q8_0|q4_0] [--threads 2] [--rounds 3]
//   [--prompt tokens] [--prefill 512,4096,16384] [--streams 1,4,8] [--slots 4] [--quick] [--json file] [--markdown]
//   [--serve-flags '--engine inline'] [--server-flags '-fa on'] [--cmake GGML_CUDA=ON …]
//   [--llama-cpp FOLDER of a build of one's own, in place of the one that is built from node-llama-cpp's source]
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { buildLlamaCpp, ownLlamaCpp } from './llama-cpp/build-llama-cpp.ts';
import { comparePeers } from './peers/compare.ts';
import { findModel } from './peers/find-model.ts';
import { describeMachine } from './peers/machine.ts';
import { markdownOf, printRows } from './peers/report.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', multiple: true, default: ['embedded'] },
    quant: { type: 'string', default: 'q8_0' },
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string' },
    prompt: { type: 'string' },
    prefill: { type: 'string' },
    streams: { type: 'string' },
    slots: { type: 'string', default: '4' },
    quick: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    'llama-cpp': { type: 'string' },
    json: { type: 'string' },
    'serve-flags': { type: 'string', default: '' },
    'server-flags': { type: 'string', default: '' },
    cmake: { type: 'string', multiple: true, default: [] },
  },
});
const { quick } = values;
const numbers = (list: string) => list.split(',').map(Number);
const words = (flags: string) => flags.split(' ').filter((word) => word !== '');
const options = {
  threads: Number(values.threads),
  rounds: Number(values.rounds ?? (quick ? 1 : 3)),
  longTokens: values.prompt === undefined ? undefined : Number(values.prompt),
  prefills: numbers(values.prefill ?? (quick ? '512' : '512,4096,16384')),
  streams: numbers(values.streams ?? (quick ? '1,4' : '1,4,8')),
  slots: Number(values.slots),
  writeSeconds: quick ? 1 : 3,
  serveFlags: words(values['serve-flags']),
  serverFlags: words(values['server-flags']),
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const own = values['llama-cpp'];
const llamaCpp = own === undefined ? await buildLlamaCpp(values.cmake) : ownLlamaCpp(own);
const machine = describeMachine();
const models = [];
for (const name of values.model) {
  const model = await findModel(name, values.quant);
  const compared = await comparePeers(llamaCpp, { ...options, model: model.file });
  const { promptTokens, binary } = compared;
  console.log(
    `${model.name}, ${options.threads} thread(s), ${options.slots} slots, Headway's llama.cpp ${binary}, long prompts of ${promptTokens} tokens, ` +
      `median of ${options.rounds} rounds in turns, load ${machine.load} at the start`,
  );
  printRows(compared.rows);
  models.push({ ...model, ...compared });
}
const result = { machine, llamaCpp: llamaCpp.tag, ...options, models };
if (values.markdown) console.log(markdownOf(models));
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
process.exit(0);
