import { describe, expect, it } from 'vitest';

import { closedCircuit } from './circuit.ts';
import { nextCheck, type CheckNeeds } from './next-check.ts';

const due = (needs: Partial<CheckNeeds>) =>
  nextCheck(
    {
      circuit: closedCircuit,
      draining: false,
      outdated: false,
      suspect: false,
      silent: false,
      running: 0,
      lastSign: 100,
      lastCheck: 40,
      ...needs,
    },
    { checkEveryMs: 5_000, idleCheckMs: 15_000 },
  );
const atOnce = Number.NEGATIVE_INFINITY;

describe('nextCheck', () => {
  it('checks an upstream that is up 15 s after it last answered anything', () => {
    expect(due({})).toBe(15_100);
    expect(due({ running: 3 })).toBe(15_100);
    expect(due({ circuit: { state: 'half-open', round: 1, openMs: 1_000 } })).toBe(15_100);
  });

  it('checks one that never answered, or may be another server by now, every 5 s, whatever requests say', () => {
    expect(due({ outdated: true })).toBe(5_040);
    expect(due({ outdated: true, lastCheck: atOnce })).toBe(atOnce);
  });

  it('checks at once after a failed request', () => {
    expect(due({ suspect: true })).toBe(atOnce);
  });

  it('checks one that is down when its pause ends, whatever else is known', () => {
    const circuit = { state: 'open', round: 1, until: 777, openMs: 1_000 } as const;
    expect(due({ circuit, suspect: true, running: 3 })).toBe(777);
  });

  it('asks a silent one every 5 s while it works, and at once when it no longer does', () => {
    expect(due({ silent: true, running: 1 })).toBe(5_040);
    expect(due({ silent: true, running: 0 })).toBe(atOnce);
  });

  it('leaves one that drains alone', () => {
    expect(due({ draining: true, suspect: true })).toBeNull();
  });
});
