import fc from 'fast-check';
import { soakScale } from './soak-scale.ts';

// A soak looks for new cases and prints the seed of a failing one; every other run repeats the same cases.
fc.configureGlobal({
  numRuns: 1_000 * soakScale(),
  ...(soakScale() < 1 ? { seed: 4477 } : {}),
});
