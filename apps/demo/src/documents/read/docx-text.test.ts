import { Window } from 'happy-dom';
import { expect, test } from 'vitest';

import { docxText } from './docx-text.ts';

const parser = new new Window().DOMParser();

function text(body: string): string {
  const xml = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`;
  return docxText(parser.parseFromString(xml, 'application/xml') as unknown as Document);
}

const run = (words: string) => `<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">${words}</w:t></w:r>`;
const paragraph = (words: string, properties = '') => `<w:p><w:pPr>${properties}</w:pPr>${run(words)}</w:p>`;

test('headings, paragraphs and list items keep their order and level', () => {
  expect(
    text(
      [
        paragraph('Report', '<w:pStyle w:val="Title"/>'),
        paragraph('Part', '<w:pStyle w:val="Heading2"/>'),
        `<w:p>${run('One ')}${run('line')}<w:r><w:br/><w:t>and another</w:t></w:r></w:p>`,
        paragraph('', ''),
        paragraph('item', '<w:numPr><w:ilvl w:val="1"/></w:numPr>'),
      ].join(''),
    ),
  ).toBe('# Report\n\n## Part\n\nOne line\nand another\n\n  - item');
});

test('deleted text and the codes of fields are left out, inserted text stays', () => {
  expect(
    text(
      `<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins>${run('new')}</w:ins><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>`,
    ),
  ).toBe('new');
});

test('tables become rows of cells', () => {
  const cell = (words: string) => `<w:tc>${paragraph(words)}</w:tc>`;
  expect(text(`<w:tbl><w:tr>${cell('a')}${cell('b|c')}</w:tr><w:tr>${cell('1')}${cell('2')}</w:tr></w:tbl>`)).toBe(
    '| a | b\\|c |\n| --- | --- |\n| 1 | 2 |',
  );
});
