// The engine against a bare loop over node-llama-cpp: same model, threads, chunks and options, in one process, alternating.
// npm run bench -- engine [--model x.gguf] [--threads 1] [--rounds 5] [--prompt 4000] [--tokens 600] [--streams 4]
//   [--json file]
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { openBare } from './bare-run.ts';
import { openHeadway } from './headway-run.ts';
import { passage } from './passage.ts';
import type { Run } from './run.ts';
import { openBareStreams, openHeadwayStreams } from './streams.ts';
import { median, round } from './statistics.ts';

// Both sides run on the prebuilt binary, also where `headway build` made one.
process.env['HEADWAY_PREBUILT'] ??= '1';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    prompt: { type: 'string', default: '4000' },
    tokens: { type: 'string', default: '600' },
    streams: { type: 'string', default: '4' },
    json: { type: 'string' },
  },
});
const [threads, rounds, words, tokens, streams] = [
  values.threads,
  values.rounds,
  values.prompt,
  values.tokens,
  values.streams,
].map(Number) as [number, number, number, number, number];
const contextSize = 8192;
const sliceTokens = 60;
/** Concurrent streams are measured in shorter and more runs. */
const streamTokens = 80;
const streamsRounds = 3;

const bare = await openBare(values.model, threads, contextSize);
const headway = await openHeadway(values.model, threads, contextSize);

/** Both sides of one measurement. The order alternates from round to round. */
async function pair(
  text: string,
  maxTokens: number,
  round: number,
  plan: number[],
): Promise<{ bare: Run; headway: Run }> {
  if (round % 2 === 0) {
    const ours = await headway.run(text, maxTokens);
    return { headway: ours, bare: await bare.run(text, maxTokens, ours.chunkEnds) };
  }
  const theirs = await bare.run(text, maxTokens, plan);
  return { bare: theirs, headway: await headway.run(text, maxTokens) };
}

/** Decodes in alternating slices of about 0.1 s, so that load on a shared machine affects both sides alike. */
async function pairInSlices(round: number): Promise<{ bare: Run; headway: Run }> {
  const slices: { bare: Run; headway: Run }[] = [];
  for (let at = 0; at * sliceTokens < tokens; at++) {
    slices.push(await pair(`Tell me story ${round}.${at}, a long one.`, sliceTokens, at, [0, 64]));
  }
  return { bare: joined(slices.map(({ bare: one }) => one)), headway: joined(slices.map(({ headway: one }) => one)) };
}

function joined(runs: readonly Run[]): Run {
  const [first] = runs;
  if (!first) throw new Error('no runs to join');
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0);
  const seconds = sum((run) => (run.tokens - 1) / run.tokensPerSecond);
  return {
    ...first,
    tokens: sum((run) => run.tokens),
    cpuMs: sum((run) => run.cpuMs),
    tokensPerSecond: sum((run) => run.tokens - 1) / seconds,
  };
}

// The first runs warm up both sides, and the engine measures how long a chunk takes.
let plan = (await headway.run(passage(words, 99), 8)).chunkEnds;
await bare.run(passage(words, 99), 8, plan);

const prefill: { bare: Run; headway: Run }[] = [];
const decode: { bare: Run; headway: Run }[] = [];
for (let round = 0; round < rounds; round++) {
  const one = await pair(passage(words, round + 1), 1, round, plan);
  plan = one.headway.chunkEnds;
  prefill.push(one);
  decode.push(await pairInSlices(round));
}
await bare.close();
await headway.close();

const streamsOptions = { modelPath: values.model, threads, streams, tokens: streamTokens };
const bareStreams = await openBareStreams(streamsOptions);
const headwayStreams = await openHeadwayStreams(streamsOptions);
await bareStreams.run(-1);
await headwayStreams.run(-1);
const together: { bare: number; headway: number }[] = [];
for (let run = 0; run < rounds * streamsRounds; run++) {
  const measured = { bare: 0, headway: 0 };
  const sides = [
    async () => (measured.bare = await bareStreams.run(run)),
    async () => (measured.headway = await headwayStreams.run(run)),
  ];
  for (const side of run % 2 === 0 ? sides : sides.toReversed()) await side();
  together.push(measured);
}
await bareStreams.close();
await headwayStreams.close();

const perSecond = ({ promptTokens, prefillMs }: Run) => (promptTokens * 1000) / prefillMs;
const eventsPerSecond = ({ chunkEnds, prefillMs }: Run) => (chunkEnds.length * 1000) / prefillMs;
const ratios = {
  prefill: prefill.map((one) => perSecond(one.headway) / perSecond(one.bare)),
  decode: decode.map((one) => one.headway.tokensPerSecond / one.bare.tokensPerSecond),
};
const result = {
  model: basename(values.model),
  threads,
  rounds,
  promptTokens: prefill[0]?.headway.promptTokens,
  prefill: {
    bareTokensPerSecond: round(median(prefill.map((one) => perSecond(one.bare)))),
    headwayTokensPerSecond: round(median(prefill.map((one) => perSecond(one.headway)))),
    ratio: round(median(ratios.prefill), 3),
    ratios: ratios.prefill.map((ratio) => round(ratio, 3)),
    cpuRatio: round(median(prefill.map((one) => one.bare.cpuMs / one.headway.cpuMs)), 3),
    target: 0.95,
  },
  decode: {
    bareTokensPerSecond: round(median(decode.map((one) => one.bare.tokensPerSecond))),
    headwayTokensPerSecond: round(median(decode.map((one) => one.headway.tokensPerSecond))),
    ratio: round(median(ratios.decode), 3),
    ratios: ratios.decode.map((ratio) => round(ratio, 3)),
    cpuRatio: round(median(decode.map((one) => one.bare.cpuMs / one.headway.cpuMs)), 3),
    target: 0.97,
    tokens: decode.map((one) => one.headway.tokens),
  },
  streams: {
    count: streams,
    bareTokensPerSecond: round(median(together.map((one) => one.bare))),
    headwayTokensPerSecond: round(median(together.map((one) => one.headway))),
    ratio: round(median(together.map((one) => one.headway / one.bare)), 3),
    ratios: together.map((one) => round(one.headway / one.bare, 3)),
    target: 0.97,
  },
  eventsPerPrompt: median(prefill.map((one) => one.headway.chunkEnds.length)),
  eventsPerSecond: round(median(prefill.map((one) => eventsPerSecond(one.headway)))),
};

console.log(
  `${result.model}, ${result.promptTokens} prompt tokens, ${threads} thread(s), median of ${rounds} alternating rounds`,
);
type Row = Omit<typeof result.prefill, 'cpuRatio'> & { cpuRatio?: number };
const row = ({ bareTokensPerSecond, headwayTokensPerSecond, ratio, cpuRatio, target }: Row) => ({
  bare: bareTokensPerSecond,
  headway: headwayTokensPerSecond,
  ratio,
  'ratio of CPU time': cpuRatio,
  target,
});
console.table({
  'prefill, tokens/s': row(result.prefill),
  'decode, tokens/s': row(result.decode),
  [`decode of ${streams} streams together, tokens/s`]: row(result.streams),
});
console.log(`prefill events: ${result.eventsPerPrompt} per prompt, ${result.eventsPerSecond} per second (target 10)`);
if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
