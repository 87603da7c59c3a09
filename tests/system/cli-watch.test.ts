import { createClient } from '@headway/client';
import { expect, test } from 'vitest';

import { endless, startGuarded } from './guarded-gateway.ts';
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
