// The cost of running the engine in a child process, and the times to report and to recover from a crash. Runs the same
// model in this process and in a child, alternating.
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
  /** From the first token's arrival at the caller to the last one's. */
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

/** User and system time of another process, in ms. Linux counts it in steps of 10 ms. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** One slice in each engine, one right after the other, so that load on a shared machine affects both alike. */
type Pair = Record<Where, Measured>;

async function compare(streams: number, seed: number): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let at = 0; at * sliceTokens < tokens; at++) {
    const inline = () => decode('inline', streams, `${seed}.${at}`);
    const isolated = () => decode('isolated', streams, `${seed}.${at}`);
    const inlineFirst = at % 2 === 0;
    const first = await (inlineFirst ? inline() : isolated());
    const second = await (inlineFirst ? isolated() : inline());
    pairs.push(inlineFirst ? { inline: first, isolated: second } : { inline: second, isolated: first });
  }
  return pairs;
}

interface Crash {
  /** From the kill to the last of four streams' `engine-crashed`, in ms. */
  reportedMs: number;
  /** From the kill to the first token of a request sent right after it, in ms. */
  recoveredMs: number;
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
  const reportedMs = performance.now() - killedAt;
  let recoveredMs: number | null = null;
  for await (const event of engine.generate({ prompt: 'Hello', maxTokens: 4, ignoreEos: true })) {
    if (event.type === 'token') recoveredMs ??= performance.now() - killedAt;
  }
  if (recoveredMs !== null) return { reportedMs, recoveredMs };
  throw new Error('the engine did not recover from the crash');
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
/** Computed from sums over all slices: the 10 ms steps of a process's CPU time are too coarse for one slice. */
const cpuMsPerToken = (pairs: readonly Pair[], where: Where) => {
  const sum = (of: 'cpuMs' | 'tokens') => pairs.reduce((total, pair) => total + pair[where][of], 0);
  return round(sum('cpuMs') / sum('tokens'), 3);
};
const figures = (pairs: readonly Pair[]) => ({
  inline: round(median(pairs.map(({ inline }) => rate(inline)))),
  isolated: round(median(pairs.map(({ isolated }) => rate(isolated)))),
  'ratio (median of pairs)': round(median(pairs.map(({ inline, isolated }) => rate(isolated) / rate(inline))), 3),
  'CPU ms per token, inline': cpuMsPerToken(pairs, 'inline'),
  'CPU ms per token, isolated': cpuMsPerToken(pairs, 'isolated'),
});
const middle = (of: keyof Crash) => round(median(crashes.map((each) => each[of])));
const result = {
  model: basename(values.model),
  threads,
  rounds,
  oneStream: figures(one),
  fourStreams: figures(four),
  crash: {
    reportedMs: middle('reportedMs'),
    worstReportedMs: round(Math.max(...crashes.map(({ reportedMs }) => reportedMs))),
    targetReportedMs: 1000,
    recoveredMs: middle('recoveredMs'),
  },
};
console.log(`${result.model}, ${threads} thread(s), median of ${rounds} alternating rounds; tokens/s at the caller`);
console.table({ 'one stream': figures(one), 'four streams': figures(four) });
console.log(
  `killed with four streams: reported after ${result.crash.reportedMs} ms (worst ${result.crash.worstReportedMs}, target 1000), first token of a new request after ${result.crash.recoveredMs} ms`,
);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
