import type { GenerationInfo, ModelInfo } from '@headway/protocol';
import { activity } from '@headway/protocol';
import { expect, test } from 'vitest';

import { describeActivity, type ActivitySources } from './describe-activity.ts';
import { RecentTokens } from './recent-tokens.ts';

const model = (id: string, more: Partial<ModelInfo> = {}): ModelInfo => ({
  id,
  state: 'ready',
  backend: 'scripted',
  contextSize: 4096,
  slots: 2,
  parameters: null,
  sizeBytes: 1000,
  threads: null,
  prefillThreads: null,
  device: null,
  ...more,
});

const info = (id: string, more: Partial<GenerationInfo> = {}): GenerationInfo => ({
  id,
  model: 'a',
  created: 0,
  state: 'queued',
  queuePosition: null,
  processed: null,
  cached: null,
  total: null,
  completionTokens: 0,
  outcome: null,
  viewers: 0,
  elapsedMs: 10,
  ...more,
});

const idle = { run: null, held: { tokens: 0, owner: '' } };

function describe(more: Partial<ActivitySources>) {
  const described = describeActivity({
    caller: { owner: 'me' },
    now: 0,
    models: [model('a'), model('b', { state: 'loading', loaded: 0.4, memoryBytes: null })],
    engine: {
      slots: { total: 4, busy: 0 },
      queued: 0,
      models: [
        { id: 'a', queued: 0, slots: [idle, idle] },
        { id: 'b', queued: 3, slots: [idle, idle] },
      ],
    },
    generations: [],
    tokens: new RecentTokens({ now: 0 }),
    modelId: (name) => (name === 'alias' ? 'b' : name),
    sockets: 3,
    viewers: 2,
    ...more,
  });
  expect(activity.parse(described)).toEqual(described);
  return described;
}

test('a slot tells the id of an own request, and of another key only that it is in use', () => {
  const slots = [
    { run: { id: 'mine', owner: 'me' }, held: { tokens: 70, owner: 'me' } },
    { run: { id: 'secret', owner: 'you' }, held: { tokens: 900, owner: 'you' } },
    { run: null, held: { tokens: 800, owner: 'you' } },
  ];
  const engine = { slots: { total: 3, busy: 2 }, queued: 0, models: [{ id: 'a', queued: 0, slots }] };
  const { models } = describe({ models: [model('a')], engine });
  expect(models[0]?.slots).toEqual([
    { busy: true, generation: 'mine', heldTokens: 70 },
    { busy: true, generation: null, heldTokens: 0 },
    { busy: false, generation: null, heldTokens: 0 },
  ]);
});

test('a model tells how far it is loaded, its memory and its queue', () => {
  const { models } = describe({});
  expect(models[1]).toEqual({
    id: 'b',
    state: 'loading',
    loaded: 0.4,
    memoryBytes: null,
    contextSize: 4096,
    sizeBytes: 1000,
    slots: [
      { busy: false, generation: null, heldTokens: 0 },
      { busy: false, generation: null, heldTokens: 0 },
    ],
    queued: 3,
  });
});

test('the queue is sorted by model and place, and names own requests alone', () => {
  const { queue, generations } = describe({
    generations: [
      { owner: 'you', info: info('secret-2', { queuePosition: 2, elapsedMs: 4000.4 }) },
      { owner: 'me', info: info('mine', { queuePosition: 1, elapsedMs: 5000 }) },
      { owner: 'me', info: info('writes', { state: 'decode' }) },
      { owner: 'you', info: info('secret-3', { model: 'alias', state: 'loading' }) },
      { owner: 'you', info: info('secret-4', { model: 'what another key asked for' }) },
    ],
  });
  expect(queue).toEqual([
    { generation: 'mine', model: 'a', phase: 'queued', place: 1, waitedMs: 5000 },
    { generation: null, model: 'a', phase: 'queued', place: 2, waitedMs: 4000 },
    { generation: null, model: 'b', phase: 'loading', place: null, waitedMs: 10 },
  ]);
  expect(generations.map(({ id }) => id)).toEqual(['writes', 'mine']);
});

test('at most 256 requests are listed', () => {
  const many = Array.from({ length: 300 }, (_, at) => ({
    owner: 'me',
    info: info(`g${at}`, { queuePosition: 300 - at }),
  }));
  const { queue, generations } = describe({ generations: many });
  expect([queue.length, queue[0]?.generation, queue.at(-1)?.place]).toEqual([256, 'g299', 256]);
  expect([generations.length, generations[0]?.id]).toEqual([256, 'g299']);
});
