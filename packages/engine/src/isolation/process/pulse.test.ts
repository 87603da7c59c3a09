import { expect, it } from 'vitest';

import { Pulse } from './pulse.ts';

const options = { beatMs: 1000, silentMs: 3000, loadingMs: 5000, stuckMs: 4000 };

/** Ticks until the pulse reports a hang, at most 20 times. With `evaluated`, sends a heartbeat after each tick. */
function ticksUntilHang(pulse: Pulse, evaluated?: (tick: number) => number) {
  for (let tick = 1; tick <= 20; tick++) {
    const hang = pulse.tick();
    if (hang) return { hang, tick };
    if (evaluated) pulse.record({ loading: false, busy: 1, evaluated: evaluated(tick) });
  }
  return null;
}

it('allows a loading process more silence than a loaded one', () => {
  expect(ticksUntilHang(new Pulse(options))).toEqual({ hang: 'silent', tick: 6 });
  const loaded = new Pulse(options);
  loaded.record({ loading: false, busy: 0, evaluated: 0 });
  expect(ticksUntilHang(loaded)).toEqual({ hang: 'silent', tick: 4 });
});

it('reports no hang while any messages arrive', () => {
  const pulse = new Pulse(options);
  for (let tick = 0; tick < 100; tick++) {
    expect(pulse.tick()).toBeNull();
    pulse.record();
  }
});

it('reports a busy process as stuck when its heartbeats show no progress', () => {
  expect(ticksUntilHang(new Pulse(options), () => 7)).toEqual({ hang: 'stuck', tick: 6 });
  expect(ticksUntilHang(new Pulse(options), (tick) => Math.floor(tick / 3))).toBeNull();
});

it('does not report an idle process as stuck', () => {
  const pulse = new Pulse(options);
  for (let tick = 0; tick < 100; tick++) {
    expect(pulse.tick()).toBeNull();
    pulse.record({ loading: false, busy: 0, evaluated: 7 });
  }
  // The idle time does not count once a slot is busy.
  expect(ticksUntilHang(pulse, () => 7)).toMatchObject({ hang: 'stuck', tick: 5 });
});
