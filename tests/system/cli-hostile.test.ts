import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { join } from 'node:path';

import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { openHome, runHeadway } from './run-headway.ts';
import { openTerminal } from './open-terminal.ts';

/** Escape sequences of 7 and 8 bits that clear the screen and set the title, then a forged line. */
const evil = '\u001b[2J\u001b]0;owned\u0007\u009b2J\u202e\r\nheadway: all is well';
// oxlint-disable-next-line no-control-regex -- what must not come
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

/** A gateway that sends these sequences in every text. */
async function startHostile() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) =>
    socket.on('message', (message: Buffer) => {
      const text = message.toString();
      if (text === 'PING') return socket.send('PONG');
      const { id, params } = JSON.parse(text) as { id: number; params?: { path: string; input?: { id?: string } } };
      const say = (answer: object) => socket.send(JSON.stringify({ id, ...answer }));
      const data = (value: unknown) => say({ result: { type: 'data', data: value } });
      switch (params?.path) {
        case 'generations':
          return data([{ id: evil, model: evil, state: evil, outcome: null, queuePosition: null, processed: evil }]);
        case 'models':
          return data([{ id: evil, notices: [evil] }]);
        case 'generate':
        case 'watch':
          return say({
            error: { message: evil, code: -32600, data: { code: 'BAD_REQUEST', headway: { code: 'internal' } } },
          });
        default:
          return undefined;
      }
    }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each([
  [['watch']],
  [['watch', '--json']],
  [['watch', 'some-id']],
  [['run', 'Hello']],
  [['run', '--json', 'Hello']],
  [['chat']],
])('headway %j prints no escape sequences of a hostile gateway', async ([...args]) => {
  await using home = await openHome();
  await using hostile = await startHostile();
  const { stdout, stderr } = await runHeadway([...args, '--url', hostile.url], {
    ...home,
    cwd: home.path,
    stdin: 'Hello\n',
  });
  expect(stdout + stderr).toContain('\\u001b[2J');
  expect(stdout + stderr).not.toMatch(controls);
  expect(stdout + stderr).not.toMatch(/^headway: all is well/m);
});

test('headway chat prints no escape sequences in the model name of a hostile gateway', async () => {
  await using home = await openHome();
  await using hostile = await startHostile();
  await using terminal = openTerminal({ args: ['chat', '--url', hostile.url], env: home.env });
  await terminal.shows('/help lists');
  expect(terminal.raw()).toContain('\\u001b[2J');
  expect(terminal.raw()).not.toContain(evil.slice(0, 4));
});

test('headway prints no escape sequences of file names', async () => {
  await using home = await openHome();
  await writeFile(join(home.path, `${evil.replace('/', '')}.gguf`), 'no model');
  for (const json of [[], ['--json']]) {
    const { stdout, stderr } = await runHeadway(['models', '--dir', home.path, ...json], { ...home, cwd: home.path });
    expect(stdout).toContain('\\u001b[2J');
    // oxlint-disable-next-line no-control-regex -- what must not come
    expect(stdout + stderr).not.toMatch(json.length > 0 ? /[\u001b\u009b]/ : controls);
  }
  const missing = await runHeadway(['models', '--dir', `${home.path}/${evil}`], { ...home, cwd: home.path });
  expect(missing.code).toBe(1);
  expect(missing.stderr).not.toMatch(controls);
});
