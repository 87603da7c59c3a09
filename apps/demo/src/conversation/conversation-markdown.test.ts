import { expect, test } from 'vitest';

import { conversationMarkdown } from './conversation-markdown.ts';
import { sampleQuestion, sampleReply, sampleResult } from './sample-records.fixture.ts';
import { shownBranch } from './tree.ts';

test('the shown branch becomes Markdown, with documents in fences that nothing in them ends', () => {
  const document = { id: 'd', name: 'a*b.md', text: 'Text\n````\ncode\n````\n', bytes: 1 };
  const branch = shownBranch(
    [
      sampleQuestion({ text: ' Why? \n', documents: [document] }),
      sampleReply({ model: 'qwen', result: sampleResult('Because.\n') }),
      sampleReply({ id: 'other', created: 1, result: sampleResult('Not shown') }),
      sampleQuestion({ id: 'q2', parent: 'r', text: 'And?' }),
      sampleReply({ id: 'r2', parent: 'q2' }),
    ],
    {},
  );
  expect(conversationMarkdown('# A [title]', branch)).toBe(
    [
      String.raw`# \# A \[title\]`,
      '## You',
      String.raw`**a\*b.md**`,
      '`````\nText\n````\ncode\n````\n`````',
      'Why?',
      '## qwen',
      'Because.',
      '## You',
      'And?',
      '## Answer\n',
    ].join('\n\n'),
  );
});

test('a document with any number of fences can be exported', () => {
  const document = { id: 'd', name: 'a', text: '`x` '.repeat(200_000), bytes: 1 };
  const branch = shownBranch([sampleQuestion({ documents: [document] })], {});
  expect(conversationMarkdown('x', branch).length).toBeGreaterThan(800_000);
});
