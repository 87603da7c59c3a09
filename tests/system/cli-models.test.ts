import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { storytellerPath } from '@headway/storyteller';
import { expect, test } from 'vitest';

import { ctrlC, openTerminal } from './open-terminal.ts';
import { openHome, runHeadway } from './run-headway.ts';

/** The downloader requests pieces of 5 MiB, and keeps complete pieces. */
const modelBytes = randomBytes(26_000_000);

/** Serves a file by ranges, and stops after `budget` bytes in total until the budget is raised. */
async function startModelServer() {
  let sent = 0;
  let budget = 0;
  const asked: number[] = [];
  let turn = Promise.resolve();
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const [, first = '0', last = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const [from, to] = [Number(first), last === '' ? modelBytes.length - 1 : Number(last)];
    const partial = request.headers.range !== undefined;
    response.writeHead(partial ? 206 : 200, {
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-length': to - from + 1,
      ...(partial && { 'content-range': `bytes ${from}-${to}/${modelBytes.length}` }),
    });
    if (request.method === 'HEAD') response.end();
    // One after the other, so that pieces come whole; a request for everything is a look at the head.
    else if (partial) {
      asked.push(from);
      turn = turn.then(() => send(response, from, to));
    } else response.flushHeaders();
  });
  async function send(response: ServerResponse, from: number, to: number): Promise<void> {
    for (let at = from; at <= to && !response.destroyed; at += 65_536) {
      while (sent >= budget && !response.destroyed) await new Promise<void>((resolve) => waiting.add(resolve));
      const piece = modelBytes.subarray(at, Math.min(at + 65_536, to + 1));
      sent += piece.length;
      response.write(piece);
    }
    response.end();
  }
  function allow(bytes: number): void {
    budget = bytes;
    sent = 0;
    for (const wake of waiting) wake();
    waiting.clear();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/story.gguf`,
    /** Start offsets of the requested pieces, in the order in which they are sent. */
    asked,
    allow,
    async [Symbol.asyncDispose]() {
      allow(Number.POSITIVE_INFINITY);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface DownloadNote {
  chunks: number[];
  chunkSize: number;
}

/** The note that the downloader keeps after the file's bytes; an empty one while the downloader rewrites it. */
async function readNote(path: string): Promise<DownloadNote> {
  const file = await readFile(path).catch(() => Buffer.alloc(0));
  try {
    return JSON.parse(file.subarray(modelBytes.length).toString()) as DownloadNote;
  } catch {
    return { chunks: [], chunkSize: 0 };
  }
}

/** Waits until the downloader has noted a complete piece, and returns the offsets of all complete pieces. */
async function wholePieces(home: string): Promise<number[]> {
  const path = join(home, '.node-llama-cpp', 'models', 'story.gguf.ipull');
  for (;;) {
    const { chunks, chunkSize } = await readNote(path);
    const whole = chunks.flatMap((state, at) => (state === 2 ? at * chunkSize : []));
    if (whole.length > 0) return whole;
    await setTimeout(20);
  }
}

test('an interrupted headway pull resumes', async () => {
  await using home = await openHome();
  await using server = await startModelServer();
  server.allow(18_000_000);
  {
    await using terminal = openTerminal({ args: ['models', 'pull', server.url], env: home.env });
    await terminal.shows(/story [=█].* of 26\.0 MB/);
    await terminal.shows(/1\d\.\d MB of 26\.0 MB/);
    await wholePieces(home.path);
    terminal.type(ctrlC);
    expect(await terminal.exitCode).toBe(130);
    expect(terminal.text()).toMatch(/^(\^C)?Stopped at 1\d\.\d MB of 26\.0 MB; run the same command to resume\.$/);
    expect(terminal.cursorShown()).toBe(true);
  }
  const listed = await runHeadway(['models'], home);
  expect(listed.stdout).toMatch(/not complete; pull it again to resume/);
  const whole = await wholePieces(home.path);
  server.asked.length = 0;
  server.allow(Number.POSITIVE_INFINITY);
  const { code, stdout } = await runHeadway(['models', 'pull', server.url], home);
  expect(code).toBe(0);
  expect(server.asked.length).toBeGreaterThan(0);
  expect(server.asked.filter((from) => whole.includes(from))).toEqual([]);
  expect((await readFile(stdout.trim())).equals(modelBytes)).toBe(true);
});

test('headway run in a pipe downloads silently, and prints errors of the file only', async () => {
  await using home = await openHome();
  await using server = await startModelServer();
  server.allow(Number.POSITIVE_INFINITY);
  const { code, stdout, stderr } = await runHeadway(['run', server.url, 'Hello'], home);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^headway: model: \S+story\.gguf is not a GGUF file[^\n]*\n$/);
});

test('a model in the models folder is found by its name', async () => {
  await using home = await openHome();
  const folder = join(home.path, '.node-llama-cpp', 'models');
  await mkdir(folder, { recursive: true });
  await copyFile(storytellerPath, join(folder, 'mine.gguf'));
  expect((await runHeadway(['models'], home)).stdout).toMatch(/^mine +5\.3 MB/m);
  const piped = await runHeadway(['run', 'mine', '--max-tokens', '5'], { ...home, stdin: 'Hello' });
  expect(piped).toMatchObject({ code: 0, stderr: '' });
  expect(piped.stdout).not.toBe('');
});

test('headway models lists sizes, and the faults of files', async () => {
  await using home = await openHome();
  await mkdir(join(home.path, 'more'));
  await copyFile(storytellerPath, join(home.path, 'more', 'copy.gguf'));
  await writeFile(join(home.path, 'more', 'text.gguf'), 'once upon a time');
  const options = { ...home, cwd: home.path };
  const { code, stdout, stderr } = await runHeadway(['models', '--dir', 'more'], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^MODEL +SIZE +PARAMETERS +CONTEXT +FITS$/m);
  expect(stdout).toMatch(/^storyteller \(embedded\) +5\.3 MB +5\.0 M +8,192 +yes$/m);
  expect(stdout).toMatch(/^more\/copy\.gguf +5\.3 MB +5\.0 M +8,192 +yes$/m);
  expect(stdout).toMatch(/^more\/text\.gguf +- +- +- +.*is not a GGUF file/m);
  const json: unknown = JSON.parse((await runHeadway(['models', '--json'], options)).stdout);
  expect(json).toMatchObject([{ name: 'storyteller', embedded: true, fits: 'yes', parameters: 4_951_296 }]);
});

test('headway bench measures each size with uncached prompts and the requested number of tokens', async () => {
  await using home = await openHome();
  const args = ['bench', '--sizes', '64,256', '--write', '8', '--repeat', '1'];
  const { code, stdout, stderr } = await runHeadway([...args, '--json'], home);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { model, results } = JSON.parse(stdout);
  expect(model).toMatchObject({ id: 'storyteller', slots: 1 });
  expect(results).toHaveLength(2);
  expect(results[0].promptTokens).toBeGreaterThan(50);
  expect(results[1].promptTokens).toBeGreaterThan(200);
  for (const one of results) expect(Math.min(one.prefillTokensPerSecond, one.decodeTokensPerSecond)).toBeGreaterThan(0);
  const table = await runHeadway(args, home);
  expect(table.stdout).toMatch(
    /^PROMPT TOKENS +READ\/S +WRITTEN\/S +FIRST TOKEN AFTER\n( +[\d,]+ +[\d,.]+ +[\d,.]+ +[\d,]+ ms\n){2}$/,
  );
});
