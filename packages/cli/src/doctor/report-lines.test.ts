import pc from 'picocolors';
import { expect, test } from 'vitest';

import { sectionLines, tableLines } from './report-lines.ts';
import { progressDialectIds } from './streams/progress-dialects.ts';
import type { JudgedTrial } from './verdicts/assess-trials.ts';
import { clientKindIds } from './verdicts/client-kinds.ts';

const plain = pc.createColors(false);

test('a section has a line for each finding, with its mark, and one below it for the remedy', () => {
  const findings = [
    { state: 'ok' as const, what: 'fine' },
    { state: 'warning' as const, what: 'so so', remedy: 'mend it' },
    { state: 'failure' as const, what: 'broken' },
  ];
  expect(sectionLines({ id: 'machine', title: 'Machine', findings, facts: {} }, plain)).toBe(
    'Machine\n  ✓ fine\n  ! so so\n    → mend it\n  ✗ broken\n',
  );
});

test('control characters in a gateway’s text do not reach the terminal', () => {
  const findings = [{ state: 'failure' as const, what: 'no\u001b[2J\nmore\r', remedy: '\u0007x' }];
  expect(sectionLines({ id: 'gateway', title: 'a\nb', findings, facts: {} }, plain)).toBe(
    'a b\n  ✗ no\\u001b[2J more\n    → \\u0007x\n',
  );
});

test('the table’s columns line up with and without colours', () => {
  const verdicts: JudgedTrial[] = [
    { client: 'anthropic-js', surface: 'messages', dialect: 'return_progress', takes: 'progress', why: null },
    { client: 'exo', surface: 'chat', dialect: 'comment', takes: 'progress', why: null },
    { client: 'exo', surface: 'messages', dialect: 'comment', takes: 'text', why: null },
  ];
  const text = tableLines(verdicts, plain);
  expect(text.split('\n').slice(0, 6)).toEqual([
    'What each kind of client gets, as tried',
    '                            silent return_progress named comment SwiftLM',
    '  Anthropic SDK, JavaScript -      progress        -     -       -',
    "  exo's clients             -      -               -     text*   -",
    '  LM Studio SDK             speaks a protocol of its own',
    "  * exo's clients, comment: text, but progress on /v1/chat/completions",
  ]);
  // oxlint-disable-next-line no-control-regex -- the colours
  expect(tableLines(verdicts, pc.createColors(true)).replace(/\u001b\[\d+m/g, '')).toBe(text);
});

test('the table fits a terminal of 80 columns', () => {
  const verdicts = clientKindIds.flatMap((client) =>
    progressDialectIds.map((dialect) => ({ client, surface: 'chat', dialect, takes: 'progress', why: null }) as const),
  );
  const widths = tableLines(verdicts, plain)
    .split('\n')
    .map((line) => line.length);
  expect(widths.length).toBeGreaterThan(clientKindIds.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(80);
});
