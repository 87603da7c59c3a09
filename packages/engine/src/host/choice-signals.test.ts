import { expect, it } from 'vitest';

import { CancelReason } from './cancel-reason.ts';
import { ChoiceSignals } from './choice-signals.ts';

const aborted = (choices: ChoiceSignals) => [0, 1, 2].map((index) => choices.of(index).aborted);

it('cancels one choice, tells it, and leaves the others', () => {
  const choices = new ChoiceSignals(3);
  const told: number[] = [];
  choices.onCancel = (index) => told.push(index);
  const before = choices.of(1);
  choices.cancel(1);
  choices.cancel(1);
  expect([aborted(choices), choices.whole.aborted]).toEqual([[false, true, false], false]);
  expect(before.reason).toEqual(new CancelReason('cancelled'));
  expect([told, choices.open]).toEqual([[1], [0, 2]]);
});

it('the last open choice cancels the generation, whether the others ended or were cancelled', () => {
  const choices = new ChoiceSignals(3, [2]);
  const told: number[] = [];
  choices.onCancel = (index) => told.push(index);
  choices.ended(0);
  choices.cancel(0);
  choices.cancel(2);
  expect([choices.whole.aborted, told]).toEqual([false, []]);
  choices.cancel(1);
  expect([choices.whole.reason, aborted(choices), told]).toEqual([
    new CancelReason('cancelled'),
    [true, true, true],
    [],
  ]);
});

it('the generation as a whole cancels every choice, for its reason', () => {
  const choices = new ChoiceSignals(3);
  const signals = [0, 1, 2].map((index) => choices.of(index));
  choices.cancel(2);
  choices.cancelAll('abandoned');
  expect(signals.map(({ reason }) => (reason as CancelReason).reason)).toEqual(['abandoned', 'abandoned', 'cancelled']);
});
