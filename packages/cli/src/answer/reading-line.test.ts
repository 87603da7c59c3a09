import type { ProgressSnapshot } from '@headway/protocol';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';

import { barTones, readingLine } from './reading-line.ts';

const reading = (processed: number, cached: number, etaMs: number | null = 7000): ProgressSnapshot => ({
  id: 'g',
  phase: 'prefill',
  queuePosition: null,
  loaded: null,
  ahead: 0,
  prompt: { processed, cached, total: 4000 },
  completionTokens: 0,
  maxTokens: null,
  elapsedMs: 1,
  tokensPerSecond: 300,
  etaMs,
  stalledMs: null,
  isFinal: false,
  outcome: null,
  text: null,
});

test('the bar shows the cached, the read and the remaining tokens', () => {
  expect(readingLine(reading(2000, 1000), 81)).toBe(
    '▓▓▓▓████░░░░░░░░ Reading 2,000 of 4,000 tokens (50 %), 7 s to go, 1,000 cached',
  );
});

test('colours tell the cached tokens from the read ones, and change nothing else', () => {
  const snapshot = reading(2000, 1000);
  const coloured = readingLine(snapshot, 81, barTones(pc.createColors(true)));
  const [green, cyan, dim] = ['\u001b[32m', '\u001b[36m', '\u001b[2m'];
  expect(coloured.replaceAll('\u001b[39m', '').replaceAll('\u001b[22m', '')).toBe(
    `${green}████${cyan}████${dim}░░░░░░░░ Reading 2,000 of 4,000 tokens (50 %), 7 s to go${green}, 1,000 cached`,
  );
  expect(readingLine(snapshot, 81, barTones(pc.createColors(false)))).toBe(readingLine(snapshot, 81));
});

test('the line escapes what a gateway sends in place of a number', () => {
  const snapshot = reading('\u001b[2J' as unknown as number, 0);
  expect(readingLine(snapshot, 81)).not.toContain('\u001b');
});

test('the line shows no time to go during a stall', () => {
  expect(readingLine({ ...reading(2000, 0, null), stalledMs: 3000 }, 81)).toMatch(
    /^█+░+ Reading 2,000 of 4,000 tokens \(50 %\), no news for 3 s$/,
  );
});

test('the line has no bar while other prompts are read first', () => {
  expect(readingLine({ ...reading(0, 0), ahead: 2 }, 81)).toBe('Waiting: 2 others are read first, 7 s to go');
});

test('the bar keeps its length while the text beside it grows', () => {
  const lengths = [reading(0, 0, null), reading(40, 0), reading(4000, 0)].map(
    (snapshot) => readingLine(snapshot, 100).replace(/[^█▓░]/g, '').length,
  );
  expect(new Set(lengths).size).toBe(1);
});

test.for([1, 20, 40, 80, 200])('the line leaves the last of %i columns free', (columns) => {
  for (const snapshot of [
    reading(0, 0),
    reading(2000, 1000),
    reading(4000, 0),
    { ...reading(2000, 1000), stalledMs: 99_000 },
  ]) {
    expect(readingLine(snapshot, columns).length).toBeLessThan(columns);
  }
});

const spans = ['a.txt', 'a-long-name.txt'].map((name, at) => ({
  name,
  number: at + 1,
  of: 2,
  processed: 0,
  cached: 0,
  total: 1000,
}));

test('the line names the document that is being read, beside a bar that keeps its length', () => {
  const lines = [0, 1].map((read) =>
    readingLine(
      { ...reading(2000, 0), spans: spans.map((one, at) => (at < read ? { ...one, processed: 1000 } : one)) },
      100,
    ),
  );
  expect(lines[0]).toMatch(/ Reading a\.txt, 1 of 2: 2,000 of 4,000 tokens \(50 %\), 7 s to go$/);
  expect(lines[1]).toMatch(/ Reading a-long-name\.txt, 2 of 2: 2,000 of 4,000 tokens/);
  const [first, second] = lines.map((line) => line.replace(/[^█▓░]/g, '').length);
  expect(first).toBeGreaterThan(8);
  expect(second).toBe(first);
});

test('the line names no document where the name leaves no room for the numbers', () => {
  expect(readingLine({ ...reading(2000, 0), spans }, 60)).toMatch(/Reading 2,000 of 4,000 tokens \(50 %\), 7 s to go$/);
});

test('the line with a document’s wide or hostile name stays within the window', () => {
  for (const name of ['预填充是模型在写第一个字之前.txt', '\u001b[2J\u202eabc.txt']) {
    const snapshot = { ...reading(2000, 1000), spans: spans.map((one) => ({ ...one, name })) };
    for (const columns of [40, 60, 80, 100, 160]) {
      expect(stringWidth(readingLine(snapshot, columns))).toBeLessThan(columns);
      expect(readingLine(snapshot, columns)).not.toContain('\u001b');
    }
  }
});
