import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { generationEvent } from '@headway/protocol';
import { invariantViolations, sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { ctrlC, openTerminal } from './open-terminal.ts';
import { startPuppetGateway } from './puppet-gateway.ts';
import { openHome, runHeadway, startHeadway } from './run-headway.ts';

/** About 3,500 tokens of the embedded model. */
const longText = Array.from({ length: 900 }, (_, at) => `word${at}`).join(' ');

const bar = /[█▓░]/;

/** The progress of the bar each time it was drawn. */
const readTokens = (frames: readonly string[]) =>
  frames.flatMap((frame) => {
    const [, processed = '', total = ''] = /([\d,]+) of ([\d,]+) tokens/.exec(frame) ?? [];
    return processed === ''
      ? []
      : [{ processed: Number(processed.replace(',', '')), total: Number(total.replace(',', '')) }];
  });

test('headway run shows a progress bar during prefill on a terminal, and removes it before the answer', async () => {
  await using home = await openHome();
  await writeFile(join(home.path, 'long.txt'), longText);
  const args = ['run', '-f', 'long.txt', '--max-tokens', '12', 'What is prefill?'];
  await using terminal = openTerminal({ args, env: home.env, cwd: home.path });
  expect(await terminal.exitCode).toBe(0);
  const seen = readTokens(terminal.frames);
  const steps = [...new Set(seen.map(({ processed }) => processed))];
  expect(steps.length).toBeGreaterThanOrEqual(5);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(seen[0]?.total).toBeGreaterThan(3000);
  expect(terminal.frames.some((frame) => /█░.*\(\d+ %\), \d+ s to go/.test(frame))).toBe(true);
  const screen = terminal.text();
  expect(screen).not.toMatch(bar);
  expect(screen).not.toContain('Reading');
  expect(screen).toMatch(/\w.*\nRead 3,\d{3} tokens at [\d,.]+\/s, wrote \d+ at [\d,.]+\/s, first after [\d.]+ s/s);
  expect(terminal.cursorShown()).toBe(true);
});

test('Ctrl-C during prefill clears the screen and exits with 130', async () => {
  await using home = await openHome();
  await writeFile(join(home.path, 'long.txt'), longText);
  await using terminal = openTerminal({ args: ['run', '-f', 'long.txt'], env: home.env, cwd: home.path });
  await terminal.shows(/█░+ Reading/);
  terminal.type(ctrlC);
  expect(await terminal.exitCode).toBe(130);
  expect(terminal.text()).not.toMatch(bar);
  expect(terminal.text()).toMatch(/Read [\d,]+ of 3,\d{3} tokens.*wrote 0, stopped/);
  expect(terminal.text()).not.toContain('Error');
  expect(terminal.cursorShown()).toBe(true);
});

test('the progress line stays in one row on a narrow terminal', async () => {
  await using home = await openHome();
  await writeFile(join(home.path, 'long.txt'), longText);
  await using terminal = openTerminal({ args: ['run', '-f', 'long.txt'], env: home.env, cwd: home.path, columns: 40 });
  const screen = await terminal.shows('Reading');
  terminal.type(ctrlC);
  expect(screen.split('\n')).toHaveLength(1);
  expect(await terminal.exitCode).toBe(130);
});

test('NO_COLOR removes all colours on the terminal', async () => {
  await using home = await openHome();
  const args = ['run', '--max-tokens', '3', 'Hello'];
  const coloured = await finalRaw(args, home.env);
  const plain = await finalRaw(args, { ...home.env, NO_COLOR: '1' });
  expect(coloured).toContain('\u001b[2m');
  expect(plain).not.toContain('\u001b[2m');
});

async function finalRaw(args: readonly string[], env: Record<string, string>): Promise<string> {
  await using terminal = openTerminal({ args, env });
  expect(await terminal.exitCode).toBe(0);
  return terminal.raw();
}

test('headway run in a pipe prints the text only', async () => {
  await using home = await openHome();
  const args = ['run', '--temperature', '0', '--max-tokens', '20', 'What is prefill?'];
  const piped = await runHeadway(args, home);
  expect(piped).toMatchObject({ code: 0, stderr: '' });
  const events = await jsonEvents([...args, '--json'], home.env);
  const text = events.flatMap((event) => (event.type === 'token' ? event.text : [])).join('');
  expect(text.length).toBeGreaterThan(10);
  expect(piped.stdout).toBe(text);
});

test('--json prints the events of the wire, within the invariants', async () => {
  await using home = await openHome();
  const events = await jsonEvents(['run', '--json', '--max-tokens', '20', longText.slice(0, 2000)], home.env);
  expect(invariantViolations(events)).toEqual([]);
  expect(events.filter(({ type }) => type === 'prefill').length).toBeGreaterThan(3);
  expect(events.filter(({ type }) => type === 'token').length).toBeGreaterThan(0);
  expect(events.at(-1)?.type).toBe('done');
});

async function jsonEvents(args: readonly string[], env: NodeJS.ProcessEnv) {
  const { code, stdout, stderr } = await runHeadway(args, { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => generationEvent.parse(JSON.parse(line)));
}

test('files, stdin and words form one prompt, and a seed repeats the answer', async () => {
  await using home = await openHome();
  await writeFile(join(home.path, 'a.txt'), 'What is');
  await writeFile(join(home.path, 'b.txt'), 'prefill');
  const sampling = ['--raw', '--seed', '7', '--max-tokens', '15'];
  const options = { ...home, cwd: home.path };
  const parts = await runHeadway(['run', ...sampling, '-f', 'a.txt', '-f', '-', '-f', 'b.txt', '?'], {
    ...options,
    stdin: 'the',
  });
  const whole = await runHeadway(['run', ...sampling, 'What is\n\nthe\n\nprefill\n\n?'], options);
  expect(parts).toMatchObject({ code: 0, stderr: '' });
  expect(parts.stdout).toBe(whole.stdout);
  const files = ['a.txt', 'b.txt'].flatMap((name) => ['-f', join(home.path, name)]);
  const events = await jsonEvents(['run', '--json', ...sampling, ...files, '?'], home.env);
  const told = events.flatMap((event) => (event.type === 'span' ? [`${event.name} ${event.number}/${event.of}`] : []));
  expect(new Set(told)).toEqual(new Set(['a.txt 1/2', 'b.txt 2/2']));
  const piped = await runHeadway(['run', ...sampling], { ...options, stdin: 'What is\n\nthe\n\nprefill\n\n?' });
  expect(piped.stdout).toBe(whole.stdout);
});

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends headway run in a pipe with %i and no message', async ([signal, code]) => {
  await using home = await openHome();
  const { child, ended } = startHeadway(['run', '--json', longText], home);
  // The signal arrives during prefill.
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill(signal);
  const { stdout, stderr, code: exit } = await ended;
  expect({ exit, stderr }).toEqual({ exit: code, stderr: '' });
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'done',
    finishReason: 'cancelled',
  });
});

test('headway run exits without an error when the reader of its pipe closes', async () => {
  await using home = await openHome();
  const { child, ended } = startHeadway(['run', '--json', longText], home);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdout.destroy();
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('--choices writes several answers after one prefill', async () => {
  await using home = await openHome();
  const args = ['run', '--choices', '3', '--temperature', '0', '--max-tokens', '12', 'What is prefill?'];
  const { code, stdout, stderr } = await runHeadway(args, home);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const answers = stdout.split(/^--- answer (\d)\n/m).slice(1);
  expect(answers.filter((_, at) => at % 2 === 0).toSorted()).toEqual(['1', '2', '3']);
  const texts = answers.filter((_, at) => at % 2 === 1);
  expect(texts[0]).toMatch(/\w{3}/);
  expect(new Set(texts).size).toBe(1);
});

test('--json ends every choice once, even when the stream breaks', async () => {
  await using home = await openHome();
  await using gateway = await startPuppetGateway();
  const args = ['run', '--url', gateway.url, '--json', '--choices', '3', 'x'];
  const { ended } = startHeadway(args, { env: home.env, cwd: home.path });
  const puppet = await gateway.generations.take();
  puppet.send(samplePrefill({ processed: 10 }), sampleToken(), sampleDone({ remaining: 2 }));
  puppet.end();
  const { code, stdout } = await ended;
  expect(code).toBe(1);
  const events = stdout.trim().split('\n');
  expect(events.slice(3).map((line) => JSON.parse(line) as object)).toMatchObject([
    { type: 'error', code: 'connection-lost', index: 1, remaining: 1 },
    { type: 'error', code: 'connection-lost', index: 2, remaining: 0 },
  ]);
});
