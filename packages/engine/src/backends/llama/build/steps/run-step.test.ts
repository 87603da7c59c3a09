import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, test } from 'vitest';

import { isAlive } from '../../../../isolation/open-isolated.fixture.ts';
import { failureOf, openStepRunner } from './run-step.ts';

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headway-step-'));
  log = join(folder, 'build.log');
});
afterEach(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;

it('hands on each line, and logs the command and what it printed', async () => {
  const lines: string[] = [];
  const runner = openStepRunner({ log, signal: never });
  const onLine = (line: string) => void lines.push(line);
  expect(await runner.run('sh', ['-c', 'echo one; echo two >&2'], { onLine })).toBe(true);
  expect(await runner.run('sh', ['-c', 'exit 3'], { mayFail: true })).toBe(false);
  await runner[Symbol.asyncDispose]();
  expect(lines.toSorted()).toEqual(['one', 'two']);
  expect(await readFile(log, 'utf8')).toMatch(/^\$ sh -c echo one[^]*one\n[^]*two\n|two\n[^]*one\n/);
});

it('an abort ends the program and what it started, and throws the reason', { timeout: 30_000 }, async () => {
  const stop = new AbortController();
  const runner = openStepRunner({ log, signal: stop.signal });
  let grandchild = 0;
  // The shell ignores the signal, as a stubborn compiler would, and waits for a child of its own.
  const running = runner.run('sh', ['-c', "trap '' TERM; sleep 600 & echo $!; wait; wait"], {
    onLine(line) {
      grandchild = Number(line);
      stop.abort(new Error('stopped'));
    },
  });
  await expect(running).rejects.toThrow('stopped');
  await runner[Symbol.asyncDispose]();
  expect(grandchild).toBeGreaterThan(0);
  await expect.poll(() => isAlive(grandchild), { timeout: 20_000 }).toBe(false);
});

it('a program that does not exist is an error with a remedy', async () => {
  const runner = openStepRunner({ log, signal: never });
  await expect(runner.run('no-such-program', [])).rejects.toThrow(/cannot be started .*check its installation/);
  await runner[Symbol.asyncDispose]();
});

test.each([
  [['x.c: No space left on device'], /^the disk is full; free some space, or .*XDG_CACHE_HOME/],
  [['c++: fatal error: Killed signal terminated program cc1plus'], /ran out of memory; use fewer --jobs/],
  [
    ['[1/9] a', "b.cpp:3:1: error: expected ';'", 'more'],
    /^compiling failed: b.cpp:3:1: error.* \| more; the whole log is/,
  ],
])('%j is explained', (lines, sentence) => {
  expect(failureOf('cmake', ['--build', '/b'], lines, log)).toMatch(sentence);
});
