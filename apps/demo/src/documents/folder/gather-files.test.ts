import { expect, test } from 'vitest';

import type { DroppedEntry } from './entries-of.ts';
import { gatherEntries, gatherFiles, maxFiles, type Gathered } from './gather-files.ts';

const { signal } = new AbortController();

type Tree = { [name: string]: string | null | Tree };

/** Entries as browsers give them: a folder's in batches, and in the order of the disk. */
function entries(tree: Tree): DroppedEntry[] {
  return Object.entries(tree).map(([name, content]) => {
    if (content === null || typeof content === 'string') {
      const file = (done: (file: File) => void, failed: (error: DOMException) => void) =>
        content === null ? failed(new DOMException('gone', 'NotFoundError')) : done(new File([content], name));
      return { name, isDirectory: false, file };
    }
    const createReader = () => {
      const left = entries(content);
      return { readEntries: (done: (some: DroppedEntry[]) => void) => done(left.splice(0, 2)) };
    };
    return { name, isDirectory: true, createReader };
  });
}

function names({ files }: Gathered): string[] {
  return files.map(({ name }) => name);
}

function chosen(path: string): File {
  return Object.defineProperty(new File(['x'], path.split('/').at(-1) ?? ''), 'webkitRelativePath', { value: path });
}

test('dropped files keep their order, and a folder’s files come in the order of their names', async () => {
  const gathered = await gatherEntries(
    entries({ 'z.txt': 'z', project: { 'b.txt': 'b', src: { '10.ts': '', '2.ts': '' }, 'a.txt': 'a' }, 'a.md': 'a' }),
    signal,
  );
  expect(names(gathered)).toEqual([
    'z.txt',
    'project/a.txt',
    'project/b.txt',
    'project/src/2.ts',
    'project/src/10.ts',
    'a.md',
  ]);
  expect(gathered.files.map(({ folder }) => folder)).toEqual([null, 'project', 'project', 'project', 'project', null]);
  expect(await gathered.files[1]?.file?.text()).toBe('a');
});

test('hidden and generated entries of a folder are not opened, and told', async () => {
  const project = { '.git': { HEAD: 'x' }, node_modules: { a: { 'index.js': '' } }, '.env': 'SECRET', 'main.py': 'x' };
  const gathered = await gatherEntries(entries({ project, '.bashrc': 'x' }), signal);
  expect(names(gathered)).toEqual(['project/main.py', '.bashrc']);
  expect(gathered.skipped).toEqual(new Map([['project', ['.env', '.git', 'node_modules']]]));
});

test('a folder has bounds, which are told', async () => {
  const many = Object.fromEntries(Array.from({ length: maxFiles + 5 }, (_, at) => [`${at}.txt`, 'x']));
  let deep: Tree = { 'deep.txt': 'x' };
  for (let depth = 0; depth < 20; depth += 1) deep = { inside: deep };
  const gathered = await gatherEntries(entries({ many, deep, other: { 'a.txt': 'x' } }), signal);
  expect(gathered.files).toHaveLength(maxFiles + 1);
  expect(gathered.cut).toEqual(['many', 'deep']);
  expect(names(gathered).at(-1)).toBe('other/a.txt');
});

test('a file that cannot be opened is kept, so that it is told by its name', async () => {
  const gathered = await gatherEntries(entries({ a: { 'gone.txt': null, 'here.txt': 'x' } }), signal);
  expect(gathered.files).toMatchObject([{ name: 'a/gone.txt', file: null }, { name: 'a/here.txt' }]);
});

test('gathering ends when its signal aborts', async () => {
  await expect(gatherEntries(entries({ a: { 'b.txt': 'x' } }), AbortSignal.abort())).rejects.toThrow('aborted');
});

test('a chosen folder has the same rules', () => {
  const paths = ['p/b.txt', 'p/.git/HEAD', 'p/a10.txt', 'p/x/node_modules/y/z.js', 'p/a9.txt'];
  const gathered = gatherFiles(paths.map(chosen));
  expect(names(gathered)).toEqual(['p/a9.txt', 'p/a10.txt', 'p/b.txt']);
  expect(gathered.skipped).toEqual(new Map([['p', ['.git', 'node_modules']]]));
  const many = gatherFiles(Array.from({ length: maxFiles + 1 }, (_, at) => chosen(`p/${at}`)));
  expect(many.files).toHaveLength(maxFiles);
  expect(many.cut).toEqual(['p']);
});

test('chosen files keep their order', () => {
  const files = ['b.txt', '.hidden', 'a.txt'].map((name) => new File(['x'], name));
  expect(names(gatherFiles(files))).toEqual(['b.txt', '.hidden', 'a.txt']);
});

test('a folder may have any name', () => {
  const gathered = gatherFiles(['constructor/.git/x', 'constructor/a.txt', '__proto__/.env'].map(chosen));
  expect(names(gathered)).toEqual(['constructor/a.txt']);
  expect([...gathered.skipped]).toEqual([
    ['__proto__', ['.env']],
    ['constructor', ['.git']],
  ]);
});
