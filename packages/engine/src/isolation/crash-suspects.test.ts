import { expect, it } from 'vitest';

import { CrashSuspects } from './crash-suspects.ts';

const of = (owner: string, fingerprint: string) => ({ owner, fingerprint });

function open() {
  let now = 0;
  const suspects = new CrashSuspects(() => now);
  return { suspects, pass: (ms: number) => void (now += ms) };
}

it('bars no request that was running at one crash, or at two crashes with another between them', () => {
  const { suspects } = open();
  expect(suspects.crashed([of('fox', 'a')])).toBe(false);
  expect(suspects.crashed([of('owl', 'b')])).toBe(false);
  expect(suspects.crashed([of('fox', 'a')])).toBe(false);
  expect(suspects.mayRefuse('fox')).toBe(false);
  expect(suspects.refusal(of('fox', 'a'))).toBeNull();
});

it('bars a request that was running at two crashes in a row, for its owner alone, for ten minutes', () => {
  const { suspects, pass } = open();
  suspects.crashed([of('fox', 'a'), of('owl', 'b')]);
  expect(suspects.crashed([of('fox', 'a'), of('owl', 'c')])).toBe(true);
  expect(suspects.refusal(of('fox', 'a'))).toMatchObject({ code: 'engine-crashed', retryable: false });
  expect([of('fox', 'b'), of('owl', 'a'), of('owl', 'c')].map((one) => suspects.refusal(one))).toEqual([
    null,
    null,
    null,
  ]);
  expect([suspects.mayRefuse('fox'), suspects.mayRefuse('fo'), suspects.mayRefuse('owl')]).toEqual([
    true,
    false,
    false,
  ]);
  pass(10 * 60_000);
  expect(suspects.refusal(of('fox', 'a'))).toBeNull();
  expect(suspects.mayRefuse('fox')).toBe(false);
});

it('does not count crashes more than ten minutes apart as in a row, and forgets a bar that is over', () => {
  const { suspects, pass } = open();
  suspects.crashed([of('fox', 'a')]);
  pass(10 * 60_000 + 1);
  expect(suspects.crashed([of('fox', 'a')])).toBe(false);
  expect(suspects.crashed([of('fox', 'a')])).toBe(true);
  expect(suspects.mayRefuse('fox')).toBe(true);
  pass(10 * 60_000);
  expect(suspects.mayRefuse('fox')).toBe(false);
});

it('bars the only owner with requests running at three crashes in a row, for a minute', () => {
  const { suspects, pass } = open();
  for (const [at, others] of [['owl'], ['bear'], ['owl']].entries())
    expect(suspects.crashed([of('hog', `${at}`), ...others.map((owner) => of(owner, `${at}`))])).toBe(at === 2);
  expect(suspects.refusal(of('hog', 'new'))).toMatchObject({ code: 'engine-crashed', retryable: true });
  expect(suspects.refusal(of('owl', 'new'))).toBeNull();
  pass(60_000);
  expect(suspects.refusal(of('hog', 'new'))).toBeNull();
});

it('bars no owner when several had requests running, or when there are no keys', () => {
  const { suspects } = open();
  for (let at = 0; at < 5; at++) expect(suspects.crashed([of('fox', `${at}`), of('owl', `${at}`)])).toBe(false);
  const keyless = open().suspects;
  for (let at = 0; at < 5; at++) expect(keyless.crashed([of('', `${at}`)])).toBe(false);
  expect(keyless.mayRefuse('')).toBe(false);
});

it('remembers the latest 256 bars', () => {
  const { suspects } = open();
  const all = Array.from({ length: 300 }, (_, at) => of(`o${at}`, 'a'));
  suspects.crashed(all);
  suspects.crashed(all);
  expect(all.filter((one) => suspects.refusal(one))).toHaveLength(256);
});
