import type { ModelInfo } from '@headway/protocol';
import { expect, test } from 'vitest';

import { unreadyModels } from './unready-models.ts';

const model = (id: string, fields: Pick<ModelInfo, 'state'> & Partial<ModelInfo>): ModelInfo => ({
  id,
  backend: 'llama',
  contextSize: null,
  slots: 4,
  parameters: null,
  sizeBytes: null,
  threads: null,
  prefillThreads: null,
  device: null,
  ...fields,
});

test('a model that loads at the start, or failed, keeps the gateway from being ready', () => {
  const models = [model('a', { state: 'loading' }), model('b', { state: 'failed' }), model('c', { state: 'ready' })];
  expect(unreadyModels(models).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('of the models that are loaded on demand only a failed one does', () => {
  const states = ['unloaded', 'loading', 'ready', 'unloading', 'failed'] as const;
  const models = states.map((state) => model(state, { state, onDemand: true }));
  expect(unreadyModels(models).map(({ id }) => id)).toEqual(['failed']);
});
