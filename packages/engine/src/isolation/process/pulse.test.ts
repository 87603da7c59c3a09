import { expect, it } from 'vitest';

import { Pulse } from './pulse.ts';

const options = { beatMs: 1000, silentMs: 3000, loadingMs: 5000, stuckMs: 4000 };

/** Ticks until something hangs, 20 times at most, beating with `evaluated` tokens each time if there is any. */
function ticksUntilHang(pulse: Pulse, evaluated?: (tick: number) => number) {
  for (let tick = 1; tick <= 20; tick++) {
    const hang = pulse.tick();
    if (hang) return { hang, tick };
    if (evaluated) pulse.heard({ loading: false, busy: 1, evaluated: evaluated(tick) });
  }
  return null;
}

it('gives one that loads more time than one that is loaded', () => {
  expect(ticksUntilHang(new Pulse(options))).toEqual({ hang: 'silent', tick: 6 });
  const loaded = new Pulse(options);
  loaded.heard({ loading: false, busy: 0, evaluated: 0 });
  expect(ticksUntilHang(loaded)).toEqual({ hang: 'silent', tick: 4 });
});

it('counts from the last sign of life, whatever it was', () => {
  const pulse = new Pulse(options);
  for (let tick = 0; tick < 100; tick++) {
    expect(pulse.tick()).toBeNull();
    pulse.heard();
  }
});

it('is not deceived by beats of one that gets no further', () => {
  expect(ticksUntilHang(new Pulse(options), () => 7)).toEqual({ hang: 'stuck', tick: 6 });
  expect(ticksUntilHang(new Pulse(options), (tick) => Math.floor(tick / 3))).toBeNull();
});

it('does not hold it against the idle that they get no further', () => {
  const pulse = new Pulse(options);
  for (let tick = 0; tick < 100; tick++) {
    expect(pulse.tick()).toBeNull();
    pulse.heard({ loading: false, busy: 0, evaluated: 7 });
  }
  // The time they were idle does not count once they work.
  expect(ticksUntilHang(pulse, () => 7)).toMatchObject({ hang: 'stuck', tick: 5 });
});
