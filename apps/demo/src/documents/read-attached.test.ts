import { expect, test } from 'vitest';

import { readAttached } from './read-attached.ts';
import type { TextDocument } from './text-document.ts';

function inFolder(path: string, content: string): File {
  const file = new File([content], path.split('/').at(-1) ?? '');
  return Object.defineProperty(file, 'webkitRelativePath', { value: path });
}

async function read(files: File[], stop = new AbortController()) {
  const documents: TextDocument[] = [];
  const progress: string[] = [];
  const told = await readAttached(files, {
    maxBytes: 1000,
    signal: stop.signal,
    onProgress: (words) => progress.push(words),
    onDocument: (document) => documents.push(document),
  });
  return { names: documents.map(({ name }) => name), progress, told };
}

test('files are read in order, and each problem is told by name', async () => {
  const { names, progress, told } = await read([
    new File(['B'], 'b.txt'),
    new File(['x'.repeat(1001)], 'big.txt'),
    new File(['A'], 'a.txt'),
  ]);
  expect(names).toEqual(['b.txt', 'a.txt']);
  expect(progress).toEqual([
    'Reading b.txt, file 1 of 3',
    'Reading big.txt, file 2 of 3',
    'Reading a.txt, file 3 of 3',
  ]);
  expect(told).toEqual(['“big.txt” has 1.0 kB, and a message can have 1.0 kB. Attach a part of it.']);
});

test('of a folder, files without text are told together, and other problems by name', async () => {
  const { names, told } = await read([
    inFolder('p/a.txt', 'A'),
    inFolder('p/logo.png', '\0'),
    inFolder('p/empty.txt', ''),
    inFolder('p/.git/HEAD', 'ref'),
  ]);
  expect(names).toEqual(['p/a.txt']);
  expect(told).toEqual(['“p/empty.txt” is empty.', 'Left out of “p”: “.git”; 1 file without text (“logo.png”).']);
});

test('a stopped reading attaches nothing more', async () => {
  const stop = new AbortController();
  const documents: string[] = [];
  const reading = readAttached([new File(['A'], 'a.txt'), new File(['B'], 'b.txt')], {
    maxBytes: 1000,
    signal: stop.signal,
    onProgress: (words) => words.includes('b.txt') && stop.abort(),
    onDocument: ({ name }) => documents.push(name),
  });
  await expect(reading).rejects.toThrow('aborted');
  expect(documents).toEqual(['a.txt']);
});
