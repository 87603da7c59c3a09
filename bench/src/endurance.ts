// A long run: four hours of scripted requests on a virtual clock, then the embedded model for some minutes. Fails when
// memory grows after the warm-up, or when first tokens come later at the end than at the beginning.
// npm run bench -- endurance [--hours 4] [--minutes 5] [--clients 6] [--seed 1] [--json file]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';

import { drive } from './endurance/drive.ts';
import { flatnessOf, type Flatness } from './endurance/flatness.ts';
import type { ScriptedNews } from './endurance/scripted-process.ts';
import { describeMachine } from './peers/machine.ts';
import { startHeadway } from './peers/servers.ts';
import { treeCost } from './process-tree.ts';
import { round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '4' },
    minutes: { type: 'string', default: '5' },
    clients: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const [hours, minutes, clients, seed] = [values.hours, values.minutes, values.clients, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
const hourMs = 3_600_000;
/** Fewer hours or minutes have too few requests for quarters of them. */
const leastRun = 1;
for (const [name, given] of Object.entries({ hours, minutes }))
  if (!(given === 0 || given >= leastRun))
    throw new Error(`--${name} ${given}: use 0 to leave that run out, or ${leastRun} and more`);

/** Requests to the scripted engine until its clock shows that many hours. */
async function scriptedHours(): Promise<Flatness> {
  const child = fork(fileURLToPath(new URL('./endurance/scripted-process.js', import.meta.url)));
  process.once('exit', () => child.kill('SIGKILL'));
  let news = ((await once(child, 'message')) as [ScriptedNews])[0];
  child.on('message', (message) => (news = message as ScriptedNews));
  const driven = await drive(news.url, {
    clients,
    seed,
    done: () => news.virtualMs / (hours * hourMs),
    rssMiB: () => treeCost(child.pid ?? 0).rssMiB,
    sampleMs: 500,
  });
  child.disconnect();
  await once(child, 'exit');
  return flatnessOf(driven);
}

/** Requests to the embedded model, served as a user serves it. */
async function embeddedMinutes(): Promise<Flatness> {
  const peer = await startHeadway({ model: storytellerPath, threads: 1, slots: 4, context: 2048, flags: [] });
  try {
    const from = performance.now();
    const driven = await drive(peer.url, {
      clients,
      seed,
      done: () => (performance.now() - from) / (minutes * 60_000),
      rssMiB: () => peer.cost().rssMiB,
      sampleMs: 1000,
    });
    return flatnessOf(driven);
  } finally {
    await peer.close();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const machine = describeMachine();
const runs: Record<string, Flatness> = {};
const run = async (name: string, measure: () => Promise<Flatness>) => {
  const from = performance.now();
  runs[name] = await measure();
  console.error(`${name}: took ${round((performance.now() - from) / 1000, 0)} s`);
};
if (hours > 0) await run(`scripted, ${hours} hours on a virtual clock`, scriptedHours);
if (minutes > 0) await run(`embedded model, ${minutes} minutes`, embeddedMinutes);

console.table(
  Object.fromEntries(
    Object.entries(runs).map(
      ([
        name,
        {
          requests,
          cancelled,
          rssMiB,
          firstTokenMs: { first, last },
        },
      ]) => [
        name,
        {
          requests,
          cancelled,
          'MiB after warm-up': rssMiB.afterWarmUp,
          'MiB at the end': rssMiB.end,
          'first token p50, first and last quarter': `${first.median}, ${last.median} ms`,
          p99: `${first.p99}, ${last.p99} ms`,
        },
      ],
    ),
  ),
);
if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, runs }, null, 2)}\n`);
const failures = Object.entries(runs).flatMap(([name, run]) => run.failures.map((failure) => `${name}: ${failure}`));
for (const failure of failures) console.error(failure);
process.exit(failures.length === 0 ? 0 : 1);
