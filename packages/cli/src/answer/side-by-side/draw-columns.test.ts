import { sampleDone, sampleToken } from '@headway/protocol/testing';
import fc from 'fast-check';
import pc from 'picocolors';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';

import { AnswerColumn } from './answer-column.ts';
import { columnWidth, leastColumn } from './column-layout.ts';
import { drawColumns } from './draw-columns.ts';

const same = (text: string) => text;

function columnsOf(texts: readonly string[], { colours = false } = {}): AnswerColumn[] {
  return texts.map((text, index) => {
    const answer = new AnswerColumn(index + 1, { colors: pc.createColors(colours), markdown: true });
    let tokens = 0;
    for (const piece of text.match(/\s*\S+\s*$|\s*\S+/g) ?? []) {
      tokens += 1;
      answer.write({ ...sampleToken(), index, text: piece, completionTokens: tokens, tokensPerSecond: 35 });
    }
    return answer;
  });
}

const draw = (answers: readonly AnswerColumn[], columns: number, rows?: number) =>
  drawColumns(answers, { columns, rows, head: same, line: same });

test.each([
  [2, 80, 38],
  [3, 80, 24],
  [4, 80, null],
  [3, 160, 51],
  [8, 160, null],
  [2, 40, null],
])('%i answers in %i columns have %j each', (count, columns, width) => {
  expect(columnWidth(count, columns)).toBe(width);
});

test('answers are drawn side by side, each below its state', () => {
  const answers = columnsOf(['One two three four five six', '']);
  const { usage } = sampleDone();
  answers[1]?.finish(sampleDone({ finishReason: 'length', usage: { ...usage, completionTokens: 1204 } }));
  expect(draw(answers, 54)).toEqual([
    '1 writing, 6 at 35/s      │ 2 cut off, 1,204 at 100/s',
    '──────────────────────────┼──────────────────────────',
    'One two three four five   │                          ',
  ]);
});

test('the last lines are shown where the height is bounded, and all of them otherwise', () => {
  const answers = columnsOf(['a\nb\nc\nd\n', '1\n2\n']);
  const shown = (rows?: number) =>
    draw(answers, 80, rows)
      .slice(2)
      .map((line) => line.split(' │ ').map((cell) => cell.trim()));
  expect(shown(4)).toEqual([
    ['d', '2'],
    ['', ''],
  ]);
  expect(shown()).toHaveLength(5);
});

test('a window that is too narrow has the states alone', () => {
  expect(draw(columnsOf(['a', 'b']), 40)).toEqual(['1 writing, 1 token at 35/s', '2 writing, 1 token at 35/s']);
  expect(draw(columnsOf(['a', 'b']), 12)).toEqual(['1 writing', '2 writing']);
});

test('an answer whose column changes its width is the same as one that was always so wide', () => {
  const text = '# Title\n\nThe **model** reads the whole prompt before it writes.\n\n- one two three four five six\n';
  const [once, twice] = columnsOf([text, text], { colours: true });
  once?.lines(40);
  twice?.lines(20);
  expect(twice?.lines(40)).toEqual(once?.lines(40));
});

test('only a fence makes code', () => {
  const code = (text: string) => columnsOf([text])[0]?.hasCode;
  expect(['a `b` c', 'a\n```\nb', 'a\n  ~~~js\nb', 'a ``` b'].map(code)).toEqual([false, true, true, false]);
  // Models that go wrong write thousands of empty lines.
  expect(code(`${'\n'.repeat(200_000)}a`)).toBe(false);
});

test('no drawn line is as long as the window is wide, and all are equally long', () => {
  const text = fc
    .array(
      fc.constantFrom(
        'word',
        '提示',
        '👩‍💻',
        ' ',
        '\n',
        '\t',
        '```\n',
        '- ',
        '| a |\n|---|\n',
        'x'.repeat(50),
        'e\u0301',
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), fc.integer({ min: 20, max: 160 }), (texts, columns) => {
      const widths = draw(columnsOf(texts, { colours: true }), columns).map((line) => stringWidth(line));
      expect(Math.max(...widths)).toBeLessThan(columns);
      const width = columnWidth(texts.length, columns);
      expect(width === null || (width >= leastColumn && new Set(widths).size === 1)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
