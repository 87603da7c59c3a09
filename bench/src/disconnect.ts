// How soon a queued request gets the slot of a client that disconnects during prefill, over HTTP to a gateway.
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

/**
 * Sends a request and disconnects once prefill has read this share of the prompt. Returns the time and the progress.
 */
async function disconnectAt(share: number, seed: number): Promise<Progress & { disconnectedAt: number }> {
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
    // Leaving the loop destroys the response and its connection.
    return { ...progress, disconnectedAt: performance.now() };
  }
  throw new Error(`prefill ended before the client disconnected: ${body.slice(-300)}`);
}

/** Sends the next request and returns the time at which its prefill starts. */
async function nextPrefillStart(): Promise<number> {
  const generation = engine.generate({ prompt: 'Once upon a time', maxTokens: 1 });
  let startedAt: number | null = null;
  for await (const event of generation) {
    if (event.type === 'error') throw new Error(event.message);
    if (event.type === 'prefill' && event.phase === 'prefill') startedAt ??= performance.now();
  }
  if (startedAt === null) throw new Error('the queued request was never prefilled');
  return startedAt;
}

const waits: number[] = [];
const shares: number[] = [];
for (let at = 0; at < rounds; at++) {
  const disconnecting = disconnectAt(0.1 + (0.7 * at) / rounds, at);
  // Queue the next request only after the first one has the slot.
  while ((await engine.activity()).slots.busy === 0) await new Promise((resolve) => setImmediate(resolve));
  const startedAt = nextPrefillStart();
  const { disconnectedAt, processed, total } = await disconnecting;
  waits.push((await startedAt) - disconnectedAt);
  shares.push(processed / total);
}
await gateway.close();
await engine.close();

const result = {
  model: basename(values.model),
  threads,
  rounds,
  disconnectedAtPercent: shares.map((share) => Math.round(share * 100)),
  medianMs: round(median(waits)),
  worstMs: round(Math.max(...waits)),
  targetMs: 150,
};
console.table({
  'from the disconnect to the next prefill, ms': { median: result.medianMs, worst: result.worstMs, target: 150 },
});
console.log(JSON.stringify(result));
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
