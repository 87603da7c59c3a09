import { expect, it } from 'vitest';

import { sampleDone, samplePrefill, sampleToken } from '../testing.ts';
import { withProgress } from './progress-scope-node.ts';
import { captureProgress } from './capture-progress.ts';
import type { ProgressSnapshot } from './progress-snapshot.ts';

const life = [samplePrefill({ processed: 10 }), sampleToken({ text: 'x' }), sampleDone()];

it('captureProgress overrides the scope’s options by the call’s options', () => {
  const seen: ProgressSnapshot[] = [];
  const hook = (snapshot: ProgressSnapshot) => seen.push(snapshot);
  const options = { everyMs: 0, maxPerSecond: Number.POSITIVE_INFINITY };
  withProgress(
    hook,
    () => {
      const report = captureProgress({ progressOptions: { captureText: true } }, { maxTokens: 8 });
      for (const event of life) void report?.(event);
    },
    options,
  );
  expect(seen.map(({ text, maxTokens }) => [text, maxTokens])).toEqual([
    ['', 8],
    ['x', 8],
    ['x', 8],
  ]);
});

it('captureProgress ignores the scope when the call has its own target', () => {
  const [inner, outer]: ProgressSnapshot[][] = [[], []];
  withProgress(
    (snapshot) => outer?.push(snapshot),
    () => {
      const report = captureProgress({ progress: (snapshot) => inner?.push(snapshot) });
      for (const event of life) void report?.(event);
    },
    { captureText: true },
  );
  expect(outer).toEqual([]);
  expect(inner?.at(-1)).toMatchObject({ isFinal: true, text: null });
});
