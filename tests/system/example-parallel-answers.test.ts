import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { openScriptedGateway } from '@headway/gateway/testing';
import { expect, test } from 'vitest';

import { openTerminal } from './open-terminal.ts';

const main = fileURLToPath(new URL('../../examples/node-iterator/dist/parallel-answers.js', import.meta.url));
const run = async (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args], { timeout: 30_000 });

/** A gateway whose engine fails the second answer of each request after three of its ten words. */
function openFailing() {
  let choice = 0;
  const reply = 'one two three four five six seven eight nine ten';
  const fault = { phase: 'decode', afterTokens: 3, does: 'fail' } as const;
  return openScriptedGateway({ script: () => ({ reply, fault: choice++ % 3 === 1 ? fault : null }) }, { parallel: 4 });
}

test('the example draws a line for each answer in place, the failed one included, and then the texts', async () => {
  await using scripted = await openFailing();
  await using terminal = openTerminal({
    main,
    args: [scripted.gateway.url, '--answers', '3', '--tokens', '20'],
    env: { ...(process.env as Record<string, string>) },
  });
  expect(await terminal.exitCode).toBe(1);
  const lines = terminal.text().split('\n');
  expect(lines.slice(0, 4)).toEqual([
    expect.stringMatching(/^1 {2}█{12}·{12} {2}10 of 20 tokens, \d+\.\d tokens\/s {2}stop$/),
    expect.stringMatching(/^2 {2}█{4}·{20} {2}3 of 20 tokens, \d+\.\d tokens\/s {2}internal$/),
    expect.stringMatching(/^3 {2}█{12}·{12} {2}10 of 20 tokens, \d+\.\d tokens\/s {2}stop$/),
    'all  23 tokens',
  ]);
  expect(lines.filter((line) => line.startsWith('all'))).toHaveLength(1);
  expect(terminal.text()).toContain('internal: the script failed in decode');
  expect(terminal.text()).toContain('answer 2: "one two three"');
});

test('the example prints a line for all answers where there is no terminal', async () => {
  await using scripted = await openScriptedGateway({ script: { reply: 'one two' } }, { parallel: 4 });
  const { stdout } = await run(scripted.gateway.url);
  expect(stdout).toMatch(/^all {2}0 tokens\n(all .*\n)*all {2}8 tokens\n\nanswer 1: "one two"\n/);
  expect(stdout).not.toContain('\u001b');
});

test('the example reports a missing gateway in one line, and lists its options', async () => {
  await expect(run('http://127.0.0.1:1')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^connection-lost: no Headway gateway answers .*\n$/),
  });
  expect((await run('--help')).stdout).toMatch(/^parallel-answers \[url\] \[--prompt <text>\] .*\n$/);
});
