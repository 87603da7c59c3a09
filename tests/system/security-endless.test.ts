import type { GenerationEvent } from '@headway/protocol';
import { expect, test } from 'vitest';

import { soakScale } from '../src/soak-scale.ts';
import { readEvents } from './read-events.ts';
import { mib, residentBytes } from './resident-memory.ts';
import { startServe, startServeWithHeap } from './serve-process.ts';
import { ask, errorCodeOf, post } from './wire.ts';

const endless = { prompt: 'Once upon a time', ignoreEos: true, onContextFull: 'shift', maxTokens: 10_000_000 };
const detailed = { ...endless, logprobs: 20 };

const streams = soakScale() === 1 ? 4 : 1;
/** With 20 log-probabilities a token, a stream's log is full after about 4,000 tokens. */
const tokensEach = soakScale() === 1 ? 20_000 : 8000;
const total = streams * tokensEach;

test.each(['isolated', 'inline'])(
  'endless answers with log-probabilities take bounded memory and end (engine %s)',
  { timeout: 1_800_000 },
  async (engine) => {
    // What is kept takes some 70 MiB; a process that kept more with each token would run out of memory.
    await using served = await startServeWithHeap(
      128,
      '--engine',
      engine,
      '--parallel',
      '4',
      '--ctx',
      '512',
      '--generation-tokens',
      String(tokensEach),
    );
    let written = 0;
    const memory: { written: number; bytes: number }[] = [];
    const read = async (): Promise<GenerationEvent | undefined> => {
      let last: GenerationEvent | undefined;
      for await (const event of readEvents(served.url, detailed)) {
        last = event;
        if (event.type !== 'token') continue;
        written += event.count;
        if (written >= (memory.length + 1) * 500) memory.push({ written, bytes: residentBytes(served.pid) });
      }
      return last;
    };
    const ends = await Promise.all(Array.from({ length: streams }, read));
    for (const end of ends)
      expect(end).toMatchObject({ type: 'error', code: 'generation-timeout', retryable: false, remaining: 0 });
    expect(written).toBeGreaterThanOrEqual(total);
    expect(written).toBeLessThan(total + 400);
    const [first, last] = [memory[0], memory.at(-1)];
    // Logs of 8 MiB, and uncollected garbage.
    expect((last?.bytes ?? 0) - (first?.bytes ?? 0)).toBeLessThan(120 * mib);
    // By then all logs are full.
    const half = memory.findLast((one) => one.written <= (total * 9) / 16);
    process.stdout.write(`endless (${engine}): ${JSON.stringify([first, half, last])}\n`);
    expect(half?.written).toBeGreaterThan(total / 2);
    expect((last?.bytes ?? 0) - (half?.bytes ?? 0)).toBeLessThan(20 * mib);
  },
);

test('an endless answer without a stream ends with an error status', { timeout: 120_000 }, async () => {
  await using served = await startServe('--parallel', '1', '--ctx', '256', '--generation-tokens', '20');
  const { status, body } = await ask(`${served.url}/v1/completions`, post({ prompt: 'Once', max_tokens: 200 }));
  expect([status, errorCodeOf(body)]).toEqual([504, 'generation-timeout']);
});

test('an answer ends after generationMs', { timeout: 120_000 }, async () => {
  await using served = await startServe('--parallel', '1', '--ctx', '512', '--generation-time', '2');
  let last: GenerationEvent | undefined;
  for await (const event of readEvents(served.url, endless)) last = event;
  expect(last).toMatchObject({
    type: 'error',
    code: 'generation-timeout',
    message: expect.stringContaining('took more time'),
  });
  expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
});
