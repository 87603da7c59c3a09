import { zipSync } from 'fflate';
import { Window } from 'happy-dom';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { readDocx } from './read-docx.ts';

beforeEach(() => vi.stubGlobal('DOMParser', new Window().DOMParser));
afterEach(() => vi.unstubAllGlobals());

const namespace = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const xml = `<w:document xmlns:w="${namespace}"><w:body><w:p><w:r><w:t>Words</w:t></w:r></w:p></w:body></w:document>`;

const docx = (content: string, part = 'word/document.xml') =>
  zipSync({ 'docProps/app.xml': new Uint8Array(9), [part]: new TextEncoder().encode(content) });

test('the text of a Word document is read from its main part', () => {
  expect(readDocx(docx(xml), 1000)).toBe('Words');
});

test.each([
  ['no archive', new Uint8Array(100)],
  ['an archive without a main part', docx(xml, 'xl/workbook.xml')],
  ['a part with a document type, whose entities could have any size', docx(`<!DOCTYPE d [<!ENTITY e "x">]>${xml}`)],
  ['a part that is far larger than the text may be', docx(xml + ' '.repeat(17_000))],
])('%s is no Word document', (_what, content) => {
  expect(readDocx(content, 1000)).toBe(null);
});
