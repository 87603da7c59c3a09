import pc from 'picocolors';
import { expect, test } from 'vitest';

import { sectionLines, tableLines } from './report-lines.ts';
import { progressModeIds } from './streams/progress-dialects.ts';
import type { JudgedTrial } from './verdicts/assess-trials.ts';
import { clientKindIds } from './verdicts/client-kinds.ts';

const plain = pc.createColors(false);

test('each finding has a line with its mark, and each remedy one below it', () => {
  const findings = [
    { state: 'ok' as const, what: 'fine' },
    { state: 'warning' as const, what: 'so so', remedy: 'mend it' },
    { state: 'failure' as const, what: 'broken' },
  ];
  expect(sectionLines({ id: 'machine', title: 'Machine', findings, facts: {} }, plain)).toBe(
    'Machine\n  ✓ fine\n  ! so so\n    → mend it\n  ✗ broken\n',
  );
});

test('what a gateway says moves no cursor and starts no line', () => {
  const findings = [{ state: 'failure' as const, what: 'no\u001b[2J\nmore\r', remedy: '\u0007x' }];
  expect(sectionLines({ id: 'gateway', title: 'a\nb', findings, facts: {} }, plain)).toBe(
    'a b\n  ✗ no\\u001b[2J more\n    → \\u0007x\n',
  );
});

test('colours take no place in the table', () => {
  const verdicts: JudgedTrial[] = [
    { client: 'anthropic-js', surface: 'messages', mode: 'return_progress', takes: 'progress', why: null },
    { client: 'exo', surface: 'chat', mode: 'comment', takes: 'progress', why: null },
    { client: 'exo', surface: 'messages', mode: 'comment', takes: 'text', why: null },
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

test('the whole table fits a terminal of 80 columns', () => {
  const verdicts = clientKindIds.flatMap((client) =>
    progressModeIds.map((mode) => ({ client, surface: 'chat', mode, takes: 'progress', why: null }) as const),
  );
  const widths = tableLines(verdicts, plain)
    .split('\n')
    .map((line) => line.length);
  expect(widths.length).toBeGreaterThan(clientKindIds.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(80);
});
