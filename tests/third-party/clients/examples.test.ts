import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { runOpenCode } from './run-open-code.ts';
import { shareGateway } from './shared-gateway.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../../examples/other-clients/', import.meta.url));
const shared = shareGateway();

/** Rejects unless the example exits with 0. */
const runExample = async (file: string) =>
  (await run(process.execPath, [file, shared.gateway.url], { cwd: folder, timeout: 60_000 })).stdout;

test("the example with OpenAI's package shows progress, an answer and a call that fits its schema", async () => {
  const printed = await runExample('openai.mjs');
  const steps = [...printed.matchAll(/^read (\d+) of (\d+) tokens/gm)].map(([, processed, total]) => [
    processed,
    total,
  ]);
  expect(steps.length).toBeGreaterThan(5);
  expect(steps.at(-1)?.[0]).toBe(steps.at(-1)?.[1]);
  expect(printed).toMatch(/^calls weather with \{ city: .*, days: [1-7] \}$/m);
});

test("the example with Anthropic's package shows progress, an answer and its end", async () => {
  const printed = await runExample('anthropic.mjs');
  expect(printed).toMatch(/^prefill: (\d+) of \1 tokens$/m);
  expect(printed).toMatch(/^(end_turn|max_tokens), [1-9]\d* tokens$/m);
});

test.each(['openai.mjs', 'anthropic.mjs'])(
  '%s reports a missing gateway in one line, with the remedy',
  async (file) => {
    const failed = run(process.execPath, [file, 'http://127.0.0.1:1'], { cwd: folder, timeout: 60_000 });
    await expect(failed).rejects.toMatchObject({ code: 1, stderr: 'http://127.0.0.1:1: Connection error.\n' });
    const { stdout } = await run(process.execPath, [file, '--help'], { cwd: folder });
    expect(stdout).toContain(`node ${file} [url]`);
  },
);

test("OpenCode works with the example's configuration", async () => {
  const config = JSON.parse(await readFile(`${folder}opencode.json`, 'utf8')) as {
    provider: { headway: { options: { baseURL: string } } };
  };
  expect(config.provider.headway.options.baseURL).toBe('http://127.0.0.1:4477/v1');
  config.provider.headway.options.baseURL = shared.gateway.baseURL;
  // The prompts of its usual agents exceed the embedded model's context.
  const small = { small: { mode: 'primary', prompt: 'Be brief.', tools: { '*': false } } };
  const { code, stdout } = await runOpenCode({
    config: { ...config, agent: small },
    args: ['run', '--agent', 'small', 'What is prefill?'],
  });
  expect(stdout.trim().length).toBeGreaterThan(10);
  expect(code).toBe(0);
});
