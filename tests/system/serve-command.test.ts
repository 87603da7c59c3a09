import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import type { Status } from '@headway/protocol';

import { binaryLine } from '../../packages/cli/src/build/build-lines.ts';
import { startServe } from './serve-process.ts';

const main = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

/** The command that `npm run build` builds. */
function headway(...args: string[]): ChildProcess & AsyncDisposable {
  return headwayWith({}, ...args);
}

/** The command with some other environment variables. */
function headwayWith(env: Record<string, string>, ...args: string[]): ChildProcess & AsyncDisposable {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  });
}

/** Runs a command that fails, and returns its exit code and stderr. */
async function failing(...args: string[]): Promise<{ code: number; said: string; printed: string }> {
  await using child = headway(...args);
  if (!child.stdout || !child.stderr) throw new Error('no pipes');
  const [said, printed, [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'exit')]);
  return { code: code as number, said, printed };
}

async function lines(child: ChildProcess, count: number): Promise<string[]> {
  const seen: string[] = [];
  if (!child.stdout) throw new Error('no pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(line);
    if (seen.length === count) break;
  }
  return seen;
}

/** The line about the binary, made of what the gateway reports. */
async function expectedBinaryLine(url: string): Promise<string | null> {
  const answer = await fetch(`${url}/trpc/status`);
  const { result } = (await answer.json()) as { result: { data: Status } };
  const { models } = result.data;
  expect(models).toMatchObject([{ id: 'storyteller', binary: 'prebuilt', device: 'cpu' }]);
  const { platform } = process;
  return binaryLine({ models, gain: null, earlier: null, prebuilt: false, command: 'headway build', platform });
}

describe('headway serve', () => {
  test('prints its URL, its model, its binary, a sample request and how to get a bigger model, and ends on a signal', async () => {
    // Builds are allowed, and there are none.
    const env = { HEADWAY_PREBUILT: '', XDG_CACHE_HOME: join(tmpdir(), 'no-headway-builds') };
    await using child = headwayWith(env, 'serve', '--port', '0', '--parallel', '2', '--ctx', '512');
    const [url = '', model, binary, curl = '', bigger, ...rest] = await lines(child, 5);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(model).toMatch(/^storyteller: 5\.3 MB, context 512, 2 slots, \d+ threads?( to write and \d+ to read)?$/);
    expect(binary).toBe(await expectedBinaryLine(url));
    expect(bigger).toMatch(/^A bigger model: headway serve --model hf:\S+ .*--model \.\/\S+\.gguf$/);
    expect(rest).toEqual([]);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const [, address = '', type = '', body = ''] = /^curl -N (\S+) -H '(.*)' -d '(.*)'$/.exec(curl) ?? [];
    expect(address).toBe(`${url}/v1/chat/completions`);
    const answer = await fetch(address, { method: 'POST', headers: [type.split(': ') as [string, string]], body });
    expect(await answer.text()).toMatch(/data: \{.*"content":".*\n\ndata: \[DONE\]\n\n$/s);

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('ends on SIGINT during an answer, which gets the reason', async () => {
    await using child = headway('serve', '--port', '0', '--drain', '0');
    const [url] = await lines(child, 4);
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        messages: [{ role: 'user', content: 'Tell me a story.' }],
        stream: true,
        ignore_eos: true,
      }),
    });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let received = '';
    for (let done = false; !done;) {
      const part = await reader?.read();
      done = part?.done ?? true;
      received += part?.value ?? '';
      if (received.includes('"content":"') && !child.killed) child.kill('SIGINT');
    }
    expect(received).toMatch(/"code":"shutting-down"/);
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(0);
  });

  test.each<[string, string[], RegExp]>([
    ['a missing file', ['--port', '0', '--model', '/nowhere/x.gguf'], /there is no file \/nowhere\/x\.gguf/],
    ['a file that is not a model', ['--port', '0', '--model', main], /is not a GGUF file/],
    ['an unknown flag', ['--colour'], /unknown option '--colour'/],
    ['an invalid number', ['--parallel', 'many'], /--parallel.*whole number from 1 to 64/],
    ['an invalid origin', ['--port', '0', '--allow-origin', '*'], /--allow-origin: "\*"/],
    [
      'a host that other machines reach without keys',
      ['--port', '0', '--host', '0.0.0.0'],
      /--host 0\.0\.0\.0 lets other machines in.*--no-auth/,
    ],
    [
      'an address of another machine',
      ['--port', '0', '--no-auth', '--host', '203.0.113.7'],
      /203\.0\.113\.7 is not an address of this machine/,
    ],
  ])('refuses %s with one sentence and an exit code', async (_what, args, sentence) => {
    const { code, said } = await failing('serve', ...args);
    expect(code).toBeGreaterThan(0);
    expect(said.trim().split('\n')).toEqual([expect.stringMatching(sentence)]);
    expect(said).not.toMatch(/\n\s+at /);
  });

  test('refuses a port in use with one sentence and an exit code', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, said, printed } = await failing('serve', '--port', String(port));
    other.close();
    expect(code).toBeGreaterThan(0);
    expect(said).toBe(`headway: port ${port} is taken; choose another with --port, or --port 0 for any free one\n`);
    expect(printed).toBe('');
  });

  test('runs in one process with --engine inline', async () => {
    await using serve = await startServe('--engine', 'inline');
    expect(serve.enginePids()).toEqual([]);
    const { result } = (await (await fetch(`${serve.url}/trpc/status`)).json()) as { result: { data: object } };
    expect(result.data).toMatchObject({ ready: true, engine: null });
    serve.kill('SIGTERM');
    expect(await serve.exited).toEqual([0, null]);
  });

  test("answers on the machine's other addresses with --no-auth", async () => {
    await using child = headway('serve', '--port', '0', '--no-auth', '--host', '0.0.0.0');
    const [url] = await lines(child, 1);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
