import { PassThrough } from 'node:stream';

import { expect, it } from 'vitest';

import { readOutput } from './output-tail.ts';

it('reports whole lines of each stream, cut at 500 characters, and keeps the last 60', async () => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const lines: string[] = [];
  const tail = readOutput([out, err], (line) => lines.push(line));
  out.write('a li');
  err.write('an error\n\n');
  out.write('ne\nanoth');
  out.write(`er\n${'x'.repeat(10_000)}`);
  out.end(`${'x'.repeat(10_000)}\n${Array.from({ length: 100 }, (_, at) => `line ${at}`).join('\n')}`);
  err.end();
  await expect.poll(() => lines.at(-1)).toBe('line 99');
  expect(lines.slice(0, 3)).toEqual(['an error', 'a line', 'another']);
  expect(lines[3]).toBe('x'.repeat(500));
  expect(tail).toEqual(lines.slice(-60));
});
