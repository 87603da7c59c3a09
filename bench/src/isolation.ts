// What a process of its own costs the engine, and how soon a crash is told and mended: the same model in this process
// and in another, in turns.
// npm run bench -- isolation [--model x.gguf] [--threads 1] [--rounds 5] [--tokens 600] [--json file]
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, createIsolatedEngine, llama, type Engine } from '@headway/engine';

import { cpuMsSince } from './bare-run.ts';
import { median, round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '600' },
    json: { type: 'string' },
  },
});
const [threads, rounds, tokens] = [values.threads, values.rounds, values.tokens].map(Number) as [
  number,
  number,
  number,
];
const parallel = 4;
const sliceTokens = 60;
const model = { model: values.model, threads, gpu: false } as const;

let enginePid = 0;
const engines = {
  inline: await createEngine({ backend: llama(model), parallel, contextSize: 2048 }),
  isolated: await createIsolatedEngine({
    backend: { llama: model },
    parallel,
    contextSize: 2048,
    onProcess: (news) => {
      if (news.type === 'started') enginePid = news.pid ?? 0;
    },
  }),
};
type Where = keyof typeof engines;

interface Measured {
  tokens: number;
  /** From the first token's arrival at the reader to the last one's. */
  ms: number;
  cpuMs: number;
}

async function decode(where: Where, streams: number, seed: string): Promise<Measured> {
  const cpu = process.cpuUsage();
  const childCpu = cpuMsOf(enginePid);
  const arrivals: number[] = [];
  let written = 0;
  const read = async (stream: number) => {
    const prompt = `Tell me story ${seed}.${stream}, a long one.`;
    for await (const event of engines[where].generate({
      prompt,
      temperature: 0,
      maxTokens: sliceTokens,
      ignoreEos: true,
    })) {
      if (event.type === 'error') throw new Error(event.message);
      if (event.type !== 'token') continue;
      written += event.count;
      arrivals.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: streams }, (_, stream) => read(stream)));
  const ms = (arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0);
  return { tokens: written - 1, ms, cpuMs: cpuMsSince(cpu) + cpuMsOf(enginePid) - childCpu };
}

/** User and system time of another process; the system counts it in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** One slice in both, one after the other: on a shared machine, what happens in one happens in its neighbour. */
type Pair = Record<Where, Measured>;

async function compare(streams: number, seed: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let at = 0; at * sliceTokens < tokens; at++) {
    const inline = () => decode('inline', streams, `${seed}.${at}`);
    const isolated = () => decode('isolated', streams, `${seed}.${at}`);
    const turn = at % 2 === 0;
    const first = await (turn ? inline() : isolated());
    const second = await (turn ? isolated() : inline());
    pairs.push(turn ? { inline: first, isolated: second } : { inline: second, isolated: first });
  }
  return pairs;
}

interface Crash {
  /** From the kill to the last of four streams' `engine-crashed`. */
  toldMs: number;
  /** From the kill to the first token of a request that came at once. */
  backMs: number;
}

async function crash(engine: Engine): Promise<Crash> {
  const streams = Array.from({ length: parallel }, (_, at) =>
    engine.generate({ prompt: `On and on, ${at}`, ignoreEos: true }),
  );
  let killedAt = 0;
  let writing = 0;
  const read = async (stream: (typeof streams)[number]) => {
    for await (const event of stream) {
      if (event.type !== 'token' || event.completionTokens !== 5 || ++writing < parallel) continue;
      killedAt = performance.now();
      process.kill(enginePid, 'SIGKILL');
    }
  };
  await Promise.all(streams.map(read));
  const toldMs = performance.now() - killedAt;
  let backMs: number | null = null;
  for await (const event of engine.generate({ prompt: 'Hello', maxTokens: 4, ignoreEos: true })) {
    if (event.type === 'token') backMs ??= performance.now() - killedAt;
  }
  if (backMs !== null) return { toldMs, backMs };
  throw new Error('the engine did not come back');
}

for (const where of ['inline', 'isolated'] as const) await decode(where, parallel, 'warm-up');
const one: Pair[] = [];
const four: Pair[] = [];
for (let at = 0; at < rounds; at++) {
  one.push(...(await compare(1, at)));
  four.push(...(await compare(parallel, at)));
}
const crashes: Crash[] = [];
for (let at = 0; at < rounds; at++) crashes.push(await crash(engines.isolated));
await Promise.all([engines.inline.close(), engines.isolated.close()]);

const rate = (measured: Measured) => (measured.tokens * 1000) / measured.ms;
/** Whole sums: the system counts a process's time in steps too coarse for a slice. */
const cpuMsPerToken = (pairs: readonly Pair[], where: Where) => {
  const sum = (of: 'cpuMs' | 'tokens') => pairs.reduce((total, pair) => total + pair[where][of], 0);
  return round(sum('cpuMs') / sum('tokens'), 3);
};
const figures = (pairs: readonly Pair[]) => ({
  inline: round(median(pairs.map(({ inline }) => rate(inline)))),
  isolated: round(median(pairs.map(({ isolated }) => rate(isolated)))),
  'ratio (median of pairs)': round(median(pairs.map(({ inline, isolated }) => rate(isolated) / rate(inline))), 3),
  'CPU ms a token, inline': cpuMsPerToken(pairs, 'inline'),
  'CPU ms a token, isolated': cpuMsPerToken(pairs, 'isolated'),
});
const middle = (of: keyof Crash) => round(median(crashes.map((each) => each[of])));
const result = {
  model: basename(values.model),
  threads,
  rounds,
  oneStream: figures(one),
  fourStreams: figures(four),
  crash: {
    toldMs: middle('toldMs'),
    worstToldMs: round(Math.max(...crashes.map(({ toldMs }) => toldMs))),
    reachToldMs: 1000,
    backMs: middle('backMs'),
  },
};
console.log(`${result.model}, ${threads} thread(s), median of ${rounds} rounds in turns; tokens/s at the reader`);
console.table({ 'one stream': figures(one), 'four streams': figures(four) });
console.log(
  `killed with four streams: told after ${result.crash.toldMs} ms (worst ${result.crash.worstToldMs}, reach 1000), a new request writes after ${result.crash.backMs} ms`,
);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
