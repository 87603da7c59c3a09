import { expect, test } from 'vitest';

import { readFile } from './read-file.ts';

const limit = 1_000_000;

async function problemWith(name: string, ...parts: BlobPart[]): Promise<string> {
  const reading = await readFile(new File(parts, name), limit);
  if ('document' in reading) throw new Error(`${name} was taken`);
  return reading.problem;
}

async function textOf(...parts: BlobPart[]): Promise<string> {
  const reading = await readFile(new File(parts, 'notes.txt'), limit);
  if ('problem' in reading) throw new Error(reading.problem);
  return reading.document.text;
}

test('readFile returns a text unchanged, with its name and its size in UTF-8', async () => {
  const reading = await readFile(new File(['Grüße\n'], 'notes.txt'), limit);
  expect(reading).toMatchObject({ document: { name: 'notes.txt', text: 'Grüße\n', bytes: 8 } });
});

test('readFile decodes byte order marks and windows-1252', async () => {
  expect(await textOf(new Uint8Array([0xff, 0xfe, 0x48, 0, 0x69, 0]))).toBe('Hi');
  expect(await textOf(new Uint8Array([0xfe, 0xff, 0, 0x48, 0, 0x69]))).toBe('Hi');
  expect(await textOf(new Uint8Array([0xef, 0xbb, 0xbf, 0x48, 0x69]))).toBe('Hi');
  expect(await textOf(new Uint8Array([0x63, 0x61, 0x66, 0xe9]))).toBe('café');
});

test('readFile refuses other files with their kind and a remedy', async () => {
  expect(await problemWith('a.pdf', '%PDF-1.7\n')).toBe(
    '“a.pdf” is a PDF, not plain text. Open it, copy the text and paste it here.',
  );
  expect(await problemWith('a.docx', 'PK\x03\x04')).toContain('is an Office document or an archive');
  expect(await problemWith('a.png', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))).toContain(
    'is an image',
  );
  expect(await problemWith('a.bin', new Uint8Array([1, 2, 0, 3]))).toContain('is a binary file');
  expect(await problemWith('a.txt', ' \n')).toBe('“a.txt” is empty.');
});

test('readFile refuses a file over the limit before reading it', async () => {
  const file = new File(['x'.repeat(limit + 1)], 'big.txt');
  file.arrayBuffer = () => Promise.reject(new Error('was read'));
  expect(await readFile(file, limit)).toEqual({
    problem: '“big.txt” has 1.0 MB, and a message can have 1.0 MB. Attach a part of it.',
  });
});
