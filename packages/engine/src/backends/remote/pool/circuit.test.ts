import { describe, expect, it } from 'vitest';

import { closedCircuit, nextCircuit, type Circuit, type CircuitEvent } from './circuit.ts';

const limits = { failures: 3, firstOpenMs: 1_000, longestOpenMs: 30_000, checkEveryMs: 5_000 };

/** The circuit after events, each with its time. */
function after(events: readonly [now: number, event: CircuitEvent][], from: Circuit = closedCircuit): Circuit {
  return events.reduce((circuit, [now, event]) => nextCircuit(circuit, event, now, limits), from);
}

const ended = (round: number, ok: boolean): CircuitEvent => ({ kind: 'ended', round, ok });
const checked = (ok: boolean): CircuitEvent => ({ kind: 'checked', ok });
const halfOpen: Circuit = { state: 'half-open', round: 1, openMs: 1_000 };

describe('nextCircuit', () => {
  it('opens after three failures in a row, and not when an answer came between', () => {
    const two = after([
      [0, ended(0, false)],
      [0, ended(0, false)],
    ]);
    expect(two).toEqual({ state: 'closed', round: 0, failures: 2 });
    expect(after([[7, ended(0, false)]], two)).toEqual({ state: 'open', round: 1, until: 1_007, openMs: 1_000 });
    const mended = after([[7, ended(0, true)]], two);
    expect(mended).toEqual(closedCircuit);
  });

  it('opens at once when a check fails', () => {
    expect(after([[50, checked(false)]])).toEqual({ state: 'open', round: 1, until: 1_050, openMs: 1_000 });
    expect(after([[50, checked(false)]], halfOpen)).toMatchObject({ state: 'open', round: 2 });
  });

  it('half-opens when a check passes, closes when the trial ends well', () => {
    const open = after([[0, checked(false)]]);
    expect(after([[1_000, checked(true)]], open)).toEqual(halfOpen);
    expect(after([[2_000, ended(1, true)]], halfOpen)).toEqual({ state: 'closed', round: 1, failures: 0 });
  });

  it('lets others in once the trial has read its prompt, but opens again at the next failure', () => {
    const read = after([[0, { kind: 'read', round: 1 }]], halfOpen);
    expect(read).toEqual({ state: 'closed', round: 1, failures: 2 });
    expect(after([[0, ended(1, false)]], read)).toMatchObject({ state: 'open', round: 2 });
    expect(after([[0, ended(1, true)]], read)).toEqual({ state: 'closed', round: 1, failures: 0 });
  });

  it('stays open for longer each time a trial fails, up to 30 s', () => {
    let circuit: Circuit = closedCircuit;
    const pauses: number[] = [];
    for (let trial = 0; trial < 7; trial++) {
      circuit = after([[0, checked(true)]], circuit);
      while (circuit.state !== 'open') circuit = after([[0, ended(circuit.round, false)]], circuit);
      pauses.push(circuit.until);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('is checked for at least every 5 s while checks fail', () => {
    let circuit: Circuit = closedCircuit;
    const pauses: number[] = [];
    for (let check = 0; check < 5; check++) {
      circuit = after([[0, checked(false)]], circuit);
      if (circuit.state === 'open') pauses.push(circuit.until);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
    expect(circuit).toMatchObject({ openMs: 5_000 });
    const flapping: Circuit = { state: 'open', round: 4, until: 0, openMs: 30_000 };
    expect(after([[0, checked(false)]], flapping)).toEqual({ ...flapping, until: 5_000 });
  });

  it('ignores what requests of an earlier round tell', () => {
    const open: Circuit = { state: 'open', round: 1, until: 1_000, openMs: 1_000 };
    for (const circuit of [open, halfOpen]) {
      expect(after([[0, ended(0, false)]], circuit)).toBe(circuit);
      expect(after([[0, ended(0, true)]], circuit)).toBe(circuit);
      expect(after([[0, { kind: 'read', round: 0 }]], circuit)).toBe(circuit);
    }
  });
});
