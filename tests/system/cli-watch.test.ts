import { createClient } from '@headway/client';
import { expect, test } from 'vitest';

import { endless, startGuarded } from './guarded-gateway.ts';
import { ctrlC, openTerminal } from './open-terminal.ts';
import { openHome, runHeadway, startHeadway } from './run-headway.ts';

test('headway watch lists the generations of a key, and shows a whole answer', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  await using client = createClient({ url: guarded.url, apiKey: guarded.mine });
  await client.generate({ prompt: 'a b c', id: 'ended' }).result();
  const running = client.generate({ prompt: endless, id: 'running' });
  await running.admitted;
  await expect
    .poll(() => client.generations())
    .toMatchObject([{ id: 'running', completionTokens: 1 }, { id: 'ended' }]);

  const env = { ...home.env, HEADWAY_API_KEY: guarded.mine };
  const watch = (...args: string[]) => runHeadway(['watch', '--url', guarded.url, ...args], { env, cwd: home.path });
  const { code, stdout, stderr } = await watch();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const age = expect.stringMatching(/^\d+ s$/);
  expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['ID', 'MODEL', 'AGE', 'STATE', 'READ', 'WRITTEN'],
    ['running', 'scripted', age, 'decode', '1 of 1', '1'],
    ['ended', 'scripted', age, 'stop', '3 of 3', '3'],
    [''],
  ]);
  expect(await watch('ended')).toEqual({ code: 0, stdout: 'one two three', stderr: '' });
  const events = (await watch('--json', 'ended')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(events.at(0)).toMatchObject({ type: 'prefill', id: 'ended' });
  expect(events.at(-1)).toMatchObject({ type: 'done', id: 'ended' });
  expect(await watch('nowhere')).toMatchObject({ code: 1, stderr: expect.stringMatching(/no generation nowhere/) });
  expect(await watch('--api-key', guarded.theirs, 'ended')).toMatchObject({ code: 1 });
  await running.cancel();
});

test('headway watch shows the first of several choices, and all of them with --json', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  await using client = createClient({ url: guarded.url, apiKey: guarded.mine });
  await client.generate({ prompt: 'a b c', id: 'three', choices: 3 }).result();
  const env = { ...home.env, HEADWAY_API_KEY: guarded.mine };
  const watch = (...args: string[]) =>
    runHeadway(['watch', '--url', guarded.url, ...args, 'three'], { env, cwd: home.path });
  expect(await watch()).toEqual({ code: 0, stdout: 'one two three', stderr: '' });
  const ends = (await watch('--json')).stdout.split('\n').filter((line) => line.includes('"done"'));
  expect(ends).toHaveLength(3);
});

test('headway watch does not cancel the generation when it exits', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  await using client = createClient({ url: guarded.url, apiKey: guarded.mine });
  const running = client.generate({ prompt: endless, id: 'running' });
  await running.admitted;
  const { child, ended } = startHeadway(['watch', '--url', guarded.url, '--api-key', guarded.mine, 'running'], {
    env: home.env,
    cwd: home.path,
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 130, stdout: 'one', stderr: '' });
  expect(await client.generations()).toMatchObject([{ id: 'running', state: 'decode' }]);
  await running.cancel();
});

test('headway watch in a terminal shows what lives, in place, and leaves the terminal as it was', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  await using client = createClient({ url: guarded.url, apiKey: guarded.mine });
  await using other = createClient({ url: guarded.url, apiKey: guarded.theirs });
  const running = client.generate({ prompt: endless, id: 'running' });
  const theirs = other.generate({ prompt: endless, id: 'secret' });
  await Promise.all([running.admitted, theirs.admitted]);
  const env = { ...home.env, HEADWAY_API_KEY: guarded.mine };
  const size = { columns: 40, rows: 18 };
  await using terminal = openTerminal({ args: ['watch', '--url', guarded.url], env, cwd: home.path, ...size });
  await terminal.shows(/writing 1 token.*running\n.*in use\n.*idle/);
  terminal.type('typed keys do not show');
  const late = client.generate({ prompt: endless, id: 'late' });
  await terminal.shows(/writing 1 token.*late/);
  await Promise.all([late.cancel(), running.cancel()]);
  await terminal.shows(/Ended/);
  terminal.resize({ columns: 100, rows: 30 });
  const screen = await terminal.shows(/cancelled, 1 token {2}late\n {2}cancelled, 1 token {2}running/);
  expect(screen).not.toMatch(/secret|typed/);
  // Each frame is whole, and none is blank.
  const shown = terminal.frames.filter((frame) => frame !== '');
  expect(shown.length).toBeGreaterThan(3);
  for (const frame of shown) expect(frame).toMatch(/^Headway .*(\n.*)*viewers?/);
  expect(terminal.cursorShown()).toBe(false);
  terminal.type(ctrlC);
  expect(await terminal.exitCode).toBe(130);
  expect(terminal.cursorShown()).toBe(true);
  expect(terminal.raw()).toContain('\u001b[?1049l');
  // The last picture stays.
  expect(terminal.text()).toMatch(/^Headway .*[^]*cancelled, 1 token {2}running$/);
  await theirs.cancel();
});

test('headway watch in a terminal says that the gateway is gone, and q leaves', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  const args = ['watch', '--url', guarded.url, '--api-key', guarded.mine];
  await using terminal = openTerminal({ args, env: { ...home.env, NO_COLOR: '1' }, cwd: home.path });
  await terminal.shows('ready, 0 of 4 slots');
  await guarded.gateway.close();
  await terminal.shows(/No answer from the gateway for \d+ s; trying again/);
  terminal.type('q');
  expect(await terminal.exitCode).toBe(0);
  expect(terminal.cursorShown()).toBe(true);
  // NO_COLOR is heeded.
  for (const color of ['\u001b[1m', '\u001b[2m', '\u001b[32m']) expect(terminal.raw()).not.toContain(color);
  await using refused = openTerminal({ args: ['watch', '--url', guarded.url], env: home.env, cwd: home.path });
  expect(await refused.exitCode).toBe(1);
  expect(refused.raw()).not.toContain('\u001b[?1049h');
});
