import { expect, it } from 'vitest';

import { compareTexts } from './compare-texts.ts';
import type { WrittenStep } from './trial-messages.ts';

/** A step that writes the first token, with the probabilities of others. */
const step = (token: number, probability: number, ...others: WrittenStep['top']): WrittenStep => ({
  token,
  top: [[token, probability], ...others],
});
const sure = [step(1, 0.9), step(2, 0.8), step(3, 0.7)];

it('equal texts with nearly equal probabilities pass', () => {
  const nearly = sure.map(({ token, top: [first] }) => step(token, (first?.[1] ?? 0) + 0.01));
  expect(compareTexts([sure, sure], [nearly, sure])).toMatchObject({ texts: 2, equal: 2, fault: null });
});

it('a text may part from the other one where two tokens tie, and what follows is not compared', () => {
  const ours = [step(1, 0.9), step(2, 0.41, [3, 0.4]), step(9, 0.1)];
  const theirs = [step(1, 0.9), step(3, 0.41, [2, 0.4]), step(5, 0.99)];
  expect(compareTexts([ours, sure], [theirs, sure])).toMatchObject({ texts: 2, equal: 1, fault: null });
});

it('a text that parts where nothing ties is a fault, for either binary', () => {
  const tied = step(2, 0.41, [3, 0.4]);
  const untied = step(3, 0.41, [2, 0.3]);
  expect(compareTexts([[tied], sure], [[untied], sure]).fault).toMatch(/at token 0 it writes another one.*0\.732/);
  expect(compareTexts([[untied], sure], [[tied], sure]).fault).toMatch(/at token 0/);
  expect(compareTexts([[step(2, 0.9)], sure], [[step(3, 0.9)], sure]).fault).toMatch(/0\.000 times as likely/);
});

it('probabilities that differ much are a fault even if the texts are equal', () => {
  const far = [step(1, 0.9), step(2, 0.7), step(3, 0.7)];
  expect(compareTexts([sure], [far])).toMatchObject({ equal: 1, fault: expect.stringMatching(/differs by 0\.100/) });
});

it('most texts that part, a shorter text, and no text at all are faults', () => {
  const ours = [step(2, 0.41, [3, 0.4])];
  const theirs = [step(3, 0.41, [2, 0.4])];
  expect(compareTexts([ours, ours, sure], [theirs, theirs, sure]).fault).toBe('only 1 of 3 texts are the same');
  expect(compareTexts([sure], [sure.slice(0, 2)]).fault).toMatch(/ends at token 2/);
  expect(compareTexts([sure.slice(0, 2)], [sure]).fault).toMatch(/ends at token 2/);
  expect(compareTexts([], []).fault).toBe('only 0 of 0 texts are the same');
});
