// How soon whoever waits gets the slot of a client that hangs up while its prompt is read, over a gateway's socket.
// npm run bench -- disconnect [--model x.gguf] [--threads 1] [--rounds 15] [--words 3000] [--json file]
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createEngine, llama } from '@headway/engine';
import { startGateway } from '@headway/gateway';

import { passage } from './passage.ts';
import { median, round } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: storytellerPath },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '15' },
    words: { type: 'string', default: '3000' },
    json: { type: 'string' },
  },
});
const [threads, rounds, words] = [values.threads, values.rounds, values.words].map(Number) as [number, number, number];

const engine = await createEngine({ backend: llama({ model: values.model, threads, gpu: false }), parallel: 1 });
const gateway = await startGateway({ engine, port: 0 });

interface Progress {
  processed: number;
  total: number;
}

/** Asks, and hangs up once this share of its prompt is read. Says when, and how far it was. */
async function hangUpAt(share: number, seed: number): Promise<Progress & { leftAt: number }> {
  const call = request(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json' },
  });
  const messages = [{ role: 'user', content: passage(words, seed) }];
  call.end(JSON.stringify({ messages, stream: true, return_progress: true }));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let body = '';
  for await (const text of response.setEncoding('utf8')) {
    body += String(text);
    const [, json] = /.*"prompt_progress":(\{[^}]*\})/s.exec(body) ?? [];
    const progress = json === undefined ? null : (JSON.parse(json) as Progress);
    if (!progress || progress.processed < share * progress.total) continue;
    // Leaving the loop destroys the response, and the connection with it.
    return { ...progress, leftAt: performance.now() };
  }
  throw new Error(`the prompt was read before anybody left: ${body.slice(-300)}`);
}

/** When somebody else's prompt begins to be read. */
async function nextInLine(): Promise<number> {
  const generation = engine.generate({ prompt: 'Once upon a time', maxTokens: 1 });
  let startedAt: number | null = null;
  for await (const event of generation) {
    if (event.type === 'error') throw new Error(event.message);
    if (event.type === 'prefill' && event.phase === 'prefill') startedAt ??= performance.now();
  }
  if (startedAt === null) throw new Error('whoever waited was never read');
  return startedAt;
}

const waits: number[] = [];
const shares: number[] = [];
for (let at = 0; at < rounds; at++) {
  const leaving = hangUpAt(0.1 + (0.7 * at) / rounds, at);
  // Behind it in the queue: its request has reached the engine.
  while ((await engine.activity()).slots.busy === 0) await new Promise((resolve) => setImmediate(resolve));
  const startedAt = nextInLine();
  const { leftAt, processed, total } = await leaving;
  waits.push((await startedAt) - leftAt);
  shares.push(processed / total);
}
await gateway.close();
await engine.close();

const result = {
  model: basename(values.model),
  threads,
  rounds,
  leftAtPercent: shares.map((share) => Math.round(share * 100)),
  medianMs: round(median(waits)),
  worstMs: round(Math.max(...waits)),
  aimMs: 150,
};
console.table({
  'from hanging up to the next in line being read': { median: result.medianMs, worst: result.worstMs, aim: 150 },
});
console.log(JSON.stringify(result));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
