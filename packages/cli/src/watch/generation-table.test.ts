import type { GenerationInfo } from '@headway/protocol';
import { expect, test } from 'vitest';

import { generationTable } from './generation-table.ts';

const one: GenerationInfo = {
  id: '0123456789abcdef0123456789abcdef',
  model: 'a-model-with-quite-a-name-Q4_K_M',
  created: 1000,
  state: 'prefill',
  queuePosition: null,
  processed: 1200,
  cached: 0,
  total: 34_000,
  completionTokens: 0,
  outcome: null,
  viewers: 1,
};

test('the table shows a generation with its model and age', () => {
  const [header = '', line = ''] = generationTable([one], { now: 61_000 }).split('\n');
  expect(header.trim().split(/ {2,}/)).toEqual(['ID', 'MODEL', 'AGE', 'STATE', 'READ', 'WRITTEN']);
  expect(line.trim().split(/ {2,}/)).toEqual([one.id, one.model, '60 s', 'prefill', '1200 of 34000', '0']);
});

test.each([60, 80, 100, 200])('the table fits %i columns and keeps the id whole', (columns) => {
  const lines = generationTable([one, { ...one, model: 'm', created: -9e6 }], { now: 1000, columns }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  expect(lines[1]).toContain(one.id);
  expect(lines[1]).toContain('a-mod');
  expect(lines[2]).toContain('2 h');
});

test('a table without generations is its header', () => {
  expect(generationTable([], { now: 0, columns: 10 })).toMatch(/^ID/);
});
