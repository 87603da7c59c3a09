// What Headway costs in front of another server: an upstream whose tokens say when they were written, at a fixed pace and
// as fast as they are read, and a real llama-server where there is one; asked directly and through `headway serve`, in
// turns.
// npm run bench -- hop [--streams 1,20,200] [--rate 30] [--seconds 8] [--rounds 5] [--json file]
//   [--llama-server PATH] [--model FILE.gguf] [--node-flags='--cpu-prof']
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';

import { compareModel, type ModelComparison } from './hop/measure-model.ts';
import { compareStamped, type StampedComparison } from './hop/measure-stamped.ts';
import { startHop, startStampedUpstream } from './hop/servers.ts';
import { describeMachine } from './peers/machine.ts';
import { startLlamaServer } from './peers/servers.ts';
import { round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1,20,200' },
    rate: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '5' },
    'llama-server': { type: 'string' },
    model: { type: 'string', default: storytellerPath },
    'node-flags': { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const counts = values.streams.split(',').map(Number);
const [rate, seconds, rounds] = [values.rate, values.seconds, values.rounds].map(Number) as [number, number, number];
const nodeFlags = values['node-flags'].split(' ').filter((flag) => flag !== '');
/** Tokens of all streams together, where they are written as fast as they are read. */
const fastTokens = 50_000;

const machine = describeMachine();
console.log(`load ${machine.load}, ${machine.cores} cores, ${rounds} rounds`);
const stamped = await measureStamped();
console.table(Object.fromEntries(stamped.map((one) => [titleOf(one), rowOf(one)])));
const model = values['llama-server'] === undefined ? null : await measureModel(values['llama-server'], values.model);
if (model) console.table(Object.fromEntries(model.map((one) => [`${one.streams} streams`, modelRowOf(one)])));
else console.log('no --llama-server given: a real model is left out');
const result = { machine, rate, seconds, rounds, stamped, model };
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));

async function measureStamped(): Promise<StampedComparison[]> {
  const direct = await startStampedUpstream();
  const through = await startHop(direct.url, Math.max(...counts), nodeFlags);
  try {
    const loads = counts.flatMap((streams) => [
      { streams, tokens: Math.round(rate * seconds), everyMs: 1000 / rate },
      { streams, tokens: Math.ceil(fastTokens / streams), everyMs: 0 },
    ]);
    const compared: StampedComparison[] = [];
    // Both warm up.
    for (const streams of counts) await compareStamped({ direct, through }, { streams, tokens: 200, everyMs: 0 }, 1);
    for (const load of loads) compared.push(await compareStamped({ direct, through }, load, rounds));
    return compared;
  } finally {
    await through.close();
    await direct.close();
  }
}

async function measureModel(program: string, file: string): Promise<ModelComparison[]> {
  const direct = await startLlamaServer(program, { model: file, threads: 1, slots: 4, context: 512, flags: [] });
  const through = await startHop(direct.url, 4, []);
  const urls = { direct: direct.url, through: through.url };
  try {
    const compared: ModelComparison[] = [];
    await compareModel(urls, { streams: 4, tokens: 20 }, 1);
    for (const streams of [1, 4]) compared.push(await compareModel(urls, { streams, tokens: 200 }, 2 * rounds));
    return compared;
  } finally {
    await through.close();
    await direct.close();
  }
}

function titleOf({ streams, everyMs }: StampedComparison): string {
  return `${streams} streams, ${everyMs === 0 ? 'as fast as they are read' : `${rate} tokens/s each`}`;
}

function rowOf({ direct, through, ratio, addedUs }: StampedComparison) {
  return {
    'tokens/s direct': round(direct.tokensPerSecond, 0),
    through: round(through.tokensPerSecond, 0),
    ratio: round(ratio.tokensPerSecond, 2),
    'late p50 direct, ms': round(direct.p50Us / 1000, 2),
    'added p50, ms': round(addedUs.p50 / 1000, 2),
    'late p99 direct, ms': round(direct.p99Us / 1000, 2),
    'added p99, ms': round(addedUs.p99 / 1000, 2),
    'gateway a token, µs': round(through.processorUsPerToken, 0),
  };
}

function modelRowOf({ direct, through, ratio }: ModelComparison) {
  return {
    'tokens/s direct': round(direct.tokensPerSecond, 0),
    'tokens/s through': round(through.tokensPerSecond, 0),
    ratio: round(ratio.tokensPerSecond, 2),
    'first token direct, ms': round(direct.firstTokenMs),
    'first token through, ms': round(through.firstTokenMs),
    'ratio ': round(ratio.firstTokenMs, 2),
  };
}
