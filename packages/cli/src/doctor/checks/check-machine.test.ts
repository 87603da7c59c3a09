import { expect, test } from 'vitest';

import { checkMachine, isOld } from './check-machine.ts';

test.each([
  ['18.20.4', true],
  ['20.18.3', true],
  ['20.19.0', false],
  ['22.1.0', false],
])('isOld of Node %s is %s', (version, old) => {
  expect(isOld(version)).toBe(old);
});

test('checkMachine finds no failure on a machine that can run models', async () => {
  const { findings, facts } = await checkMachine();
  expect(findings.map(({ state }) => state)).not.toContain('failure');
  expect(facts.cores).toBeGreaterThan(0);
  expect(facts.freeMemoryBytes).toBeLessThanOrEqual(facts.memoryBytes);
  expect(facts.compute).not.toBeNull();
});
