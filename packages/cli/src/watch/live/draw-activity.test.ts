import type { GenerationInfo, ModelActivity, Status } from '@headway/client';
import { expect, test } from 'vitest';

import { drawActivity, type Look } from './draw-activity.ts';
import { widthOf } from './line.ts';

const info = (id: string, more: Partial<GenerationInfo>): GenerationInfo => ({
  id,
  model: 'a-model',
  created: 0,
  state: 'decode',
  queuePosition: null,
  processed: 900,
  cached: 100,
  total: 900,
  completionTokens: 1200,
  outcome: null,
  viewers: 1,
  choices: 1,
  elapsedMs: 5000,
  tokensPerSecond: 44.14,
  ...more,
});

const idle = { busy: false, generation: null, heldTokens: 0 };
const inUse = { busy: true, generation: null, heldTokens: 0 };
const runs = (generation: string) => ({ busy: true, generation, heldTokens: 900 });

const model = (more: Partial<ModelActivity> = {}): ModelActivity => ({
  id: 'a-model',
  state: 'ready',
  contextSize: 8192,
  sizeBytes: 4e8,
  memoryBytes: 412e6,
  slots: [runs('reads'), inUse, runs('writes'), runs('writes'), idle],
  queued: 2,
  ...more,
});

const look = (models = [model()], more: Partial<Look> = {}): Look => ({
  url: 'http://127.0.0.1:4477',
  status: { version: '0.1.0', draining: false, models: [] as Status['models'] } as Status,
  activity: {
    models,
    queue: [
      { generation: null, model: 'a-model', phase: 'queued', place: 1, waitedMs: 12_000 },
      { generation: 'mine', model: 'a-model', phase: 'queued', place: 2, waitedMs: 3000 },
    ],
    generations: [
      info('reads', { state: 'prefill', processed: 4096, total: 20_000, tokensPerSecond: 812, etaMs: 6200 }),
      info('writes', { choices: 2 }),
      info('mine', { state: 'queued' }),
    ],
    rates: { intervalMs: 2000, prefill: [0, 400, 812], decode: [44, 0, 88.3] },
    cache: { promptTokens: 1000, cachedTokens: 337 },
    connections: { sockets: 1, viewers: 3 },
  },
  ended: [info('old', { state: 'ended', outcome: 'engine-crashed', completionTokens: 1 })],
  silentMs: null,
  ...more,
});

const textOf = (shown: Look, columns = 80, rows = 40) =>
  drawActivity(shown, { columns, rows }).map((line) => line.map(({ text }) => text).join(''));

test('a high window shows the slots, the queue, the speed, the cache, the connections and what has ended', () => {
  expect(textOf(look())).toEqual([
    'Headway 0.1.0, http://127.0.0.1:4477',
    '',
    'a-model  ready, 4 of 5 slots, context 8,192, 412 MB',
    '  1  ███░░░░░░░░░░░░░ reading 4,096 of 20,000, 7 s to go, 812/s  reads',
    '  2  in use',
    '  3  writing 2 answers, 1,200 tokens, 44.1/s  writes',
    '  4  the same request',
    '  5  idle',
    '',
    'Queue  2 requests',
    "  1. waits 12 s  another key's",
    '  2. waits 3 s  mine',
    '',
    'Read     812 tokens/s   ▄█',
    'Write   88.3 tokens/s  ▄ █',
    'Cache  2,700 tokens held, 34 % reused',
    'Open   1 socket, 3 viewers',
    '',
    'Ended',
    '  failed: engine-crashed, 1 token  old',
  ]);
});

test('a low window folds the slots of others, and keeps the requests of one’s own', () => {
  expect(textOf(look(), 40, 9)).toEqual([
    'Headway 0.1.0, http://127.0.0.1:4477',
    'a-model  ready, 4 of 5 slots, context 8…',
    '  1  reading 4,096 of 20,000, 7 s to go…',
    '  3  writing 2 answers, 1,200 tokens, 4…',
    '     1 in use by others, 1 idle',
    'Queue  2 requests',
    "  1. waits 12 s  another key's",
    '  … 1 more',
  ]);
});

test('a window that is too low says how many lines are missing', () => {
  expect(textOf(look(), 40, 4).at(-1)).toBe('… 3 more lines');
});

test.each([
  [{ state: 'loading', loaded: 0.429 } as const, 'a-model  loading 42 %, 412 MB'],
  [{ state: 'loading', loaded: 1 } as const, 'a-model  loading 99 %, 412 MB'],
  [{ state: 'unloaded', memoryBytes: null } as const, 'a-model  not loaded; a request loads it'],
  [{ state: 'failed', error: 'no such file\u001b[2J' } as const, 'a-model  failed: no such file\\u001b[2J'],
])('a model that is not ready says so, and has no slots', (more, line) => {
  const lines = textOf(look([model({ ...more, queued: 0 })]));
  expect(lines[2]).toBe(line);
  expect(lines.filter((one) => one.startsWith('  1  '))).toEqual([]);
});

test('a gateway that does not answer, or shuts down, says so', () => {
  expect(textOf(look([model()], { silentMs: 4100 }))[1]).toBe('No answer from the gateway for 4 s; trying again');
  const status = { version: '0.1.0', draining: true, models: [] as Status['models'] } as Status;
  expect(textOf(look([model()], { status }))[1]).toMatch(/shutting down/);
});

test('nothing that a gateway sends reaches the terminal as a control sequence', () => {
  const evil = '\u001b[2J\u009b2J';
  const status = { version: evil, draining: false, models: [] as Status['models'] } as Status;
  const one = model({ id: evil, slots: [runs(evil), runs('unknown' + evil)] });
  const queue = [{ generation: evil, model: evil, phase: 'queued' as const, place: 1, waitedMs: 0 }];
  const generations = [info(evil, { choices: evil as unknown as number })];
  const activity = { ...look([one, model()]).activity, queue, generations };
  const ended = [info(evil, { state: 'ended', outcome: evil as GenerationInfo['outcome'] })];
  const drawn = textOf(look([], { status, activity, ended, url: evil })).join('\n');
  expect(drawn.split('\\u001b[2J').length).toBeGreaterThan(8);
  // oxlint-disable-next-line no-control-regex
  expect(drawn).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('every window is filled and never overfilled', () => {
  const many = look([model({ id: '模型'.repeat(20) }), model(), model({ state: 'loading' })]);
  for (const columns of [1, 39, 40, 63, 64, 200]) {
    for (const rows of [1, 2, 5, 8, 9, 12, 16, 24, 60]) {
      const lines = drawActivity(many, { columns, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(lines.length).toBeGreaterThanOrEqual(Math.min(rows, 8) - 3);
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
    }
  }
});
