import { expect, test } from 'vitest';

import { readFile } from './read-file.ts';

const options = { maxBytes: 1_000_000 };

async function problemWith(name: string, ...parts: BlobPart[]): Promise<string> {
  const reading = await readFile(new File(parts, name), options);
  if ('document' in reading) throw new Error(`${name} was taken`);
  return reading.problem;
}

async function textOf(...parts: BlobPart[]): Promise<string> {
  const reading = await readFile(new File(parts, 'notes.txt'), options);
  if ('problem' in reading) throw new Error(reading.problem);
  return reading.document.text;
}

test('readFile returns a text unchanged, with its name and its size in UTF-8', async () => {
  const file = new File(['Grüße\n'], 'notes.txt');
  expect(await readFile(file, options)).toMatchObject({ document: { name: 'notes.txt', text: 'Grüße\n', bytes: 8 } });
  expect(await readFile(file, { ...options, name: 'a/notes.txt' })).toMatchObject({
    document: { name: 'a/notes.txt' },
  });
});

test.each(['data.csv', 'data.tsv', 'data.json', 'main.rs', 'Makefile', 'app.log', 'drawing.svg', 'index.js'])(
  'readFile takes %s as text',
  async (name) => {
    expect(await readFile(new File(['{"a": 1}\tb,c'], name), options)).toMatchObject({ document: { name } });
  },
);

test('readFile decodes byte order marks and windows-1252', async () => {
  expect(await textOf(new Uint8Array([0xff, 0xfe, 0x48, 0, 0x69, 0]))).toBe('Hi');
  expect(await textOf(new Uint8Array([0xfe, 0xff, 0, 0x48, 0, 0x69]))).toBe('Hi');
  expect(await textOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x48, 0x69]))).toBe('Hi');
  expect(await textOf(new Uint8Array([0x63, 0x61, 0x66, 0xe9]))).toBe('café');
});

test('readFile refuses other files with their kind and a remedy', async () => {
  expect(await problemWith('a.xlsx', 'PK\x03\x04')).toBe(
    '“a.xlsx” is an Office document or a book, which this page cannot read. Save it as PDF, Word (.docx) or text, or copy its text and paste it here.',
  );
  expect(await problemWith('a.zip', 'PK\x03\x04')).toContain('is an archive. Unpack it');
  expect(await problemWith('a.doc', new Uint8Array([0xd0, 0xcf, 0x11, 0xe0]))).toContain('is an Office document');
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]);
  expect(await problemWith('a.png', png)).toContain('is an image');
  expect(await problemWith('a.mp4', new Uint8Array([0, 0, 0, 24]), 'ftypisom')).toContain('is sound or film');
  expect(await problemWith('a.bin', new Uint8Array([1, 2, 0, 3]))).toContain('is a binary file, not text');
  expect(await problemWith('a.txt', ' \n')).toBe('“a.txt” is empty.');
});

test('a text that begins like an image or an archive is a text', async () => {
  expect(await textOf('BMW and others')).toBe('BMW and others');
  expect(await textOf('II* is a mark')).toBe('II* is a mark');
});

test('readFile refuses a file over the limit before reading it', async () => {
  const file = new File(['x'.repeat(1_000_001)], 'big.txt');
  file.arrayBuffer = () => Promise.reject(new Error('was read'));
  expect(await readFile(file, options)).toEqual({
    problem: '“big.txt” has 1.0 MB, and a message can have 1.0 MB. Attach a part of it.',
  });
});

test('readFile tells a file that the browser may not open', async () => {
  const file = new File(['x'], 'gone.txt');
  file.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
  expect(await readFile(file, options)).toEqual({
    problem: '“gone.txt” could not be read. Is it still there, and may the browser open it?',
  });
});
