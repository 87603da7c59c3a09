import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createEngine, scripted, type ScriptedOptions } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { messageText } from '@headway/protocol';
import { expect, test } from 'vitest';

import { ctrlC, ctrlD, openTerminal } from './open-terminal.ts';
import { openHome, runHeadway } from './run-headway.ts';

/** Starts a gateway over a scripted model in real time. */
async function openGateway(script: ScriptedOptions['script']) {
  const engine = await createEngine({ backend: scripted({ script }), parallel: 1 });
  const gateway = await startGateway({ engine, port: 0, graceMs: 0 });
  return {
    url: gateway.url,
    engine,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

const endless = Array.from({ length: 5000 }, (_, at) => `w${at}`).join(' ');

test('headway chat reuses the cached tokens of the first turn in the second', async () => {
  await using home = await openHome();
  await using terminal = openTerminal({
    args: ['chat', '--max-tokens', '12', '--temperature', '0'],
    env: home.env,
    cwd: home.path,
  });
  await terminal.shows(/storyteller; \/help lists the commands\n>$/);
  terminal.type('What is prefill?\r');
  await terminal.shows(/wrote 12 .*\n\n>$/s);
  terminal.type('And what is \\\rdecoding?\r');
  await terminal.shows(/> And what is \\\n… decoding\?\n.+\(\d+ cached\).+\n\n>$/s);
  terminal.type('/save talk.json\r');
  await terminal.shows('Saved to talk.json.');
  terminal.type(ctrlD);
  expect(await terminal.exitCode).toBe(0);
  expect(JSON.parse(await readFile(join(home.path, 'talk.json'), 'utf8'))).toMatchObject([
    { role: 'user', content: 'What is prefill?' },
    { role: 'assistant' },
    { role: 'user', content: 'And what is \ndecoding?' },
    { role: 'assistant' },
  ]);
});

test('headway chat with a gateway stops the answer there on one Ctrl-C, and exits on two', async () => {
  await using home = await openHome();
  await using gateway = await openGateway(({ messages }) =>
    messages?.length === 1 ? { reply: endless } : { reply: 'Short.' },
  );
  await using terminal = openTerminal({ args: ['chat', '--url', gateway.url], env: home.env });
  await terminal.shows('scripted at http');
  terminal.type('Count.\r');
  await terminal.shows(/\bw5 /);
  terminal.type(ctrlC);
  await terminal.shows(/stopped\n\n>$/);
  expect(await gateway.engine.activity()).toMatchObject({ slots: { busy: 0 } });
  terminal.type('Now shortly.\r');
  await terminal.shows(/Short\.\n.*cached.*\n\n>$/s);
  terminal.type('/clear\rAgain.\r');
  await terminal.shows(/Again\.\n.*w5 /s);
  terminal.type(ctrlC + ctrlC);
  expect(await terminal.exitCode).toBe(130);
  expect(terminal.cursorShown()).toBe(true);
  expect(await gateway.engine.activity()).toMatchObject({ slots: { busy: 0 } });
});

test('a chat that is killed goes on where it was', async () => {
  await using home = await openHome();
  await using gateway = await openGateway(({ messages = [] }) => {
    const said = messages.map(({ content }) => messageText(content).slice(0, 5)).join(', ');
    return { reply: messages.at(-1)?.content === 'Count.' ? endless : `Heard: ${said}.` };
  });
  const open = (...args: string[]) => openTerminal({ args: ['chat', ...args], env: home.env });
  await using killed = open('--url', gateway.url);
  await killed.shows(/>$/);
  killed.type('Count.\r');
  // More than a second of it.
  await killed.shows(/\bw200 /);
  killed.signal('SIGKILL');
  await killed.exitCode;
  await using left = open('--continue');
  expect(await left.shows(/w50 [^]*\n\n>$/)).toMatch(/goes on, after 1 question\.\n> Count\.\nw0 w1 /);
  left.type('Next?\r');
  await left.shows(/Heard: Count, w0 w1, Next\?\.[^]*\n\n>$/);
  left.type('Count.\r');
  await left.shows(/Heard[^]*> Count\.\nw0 w1 w2 [^]*w9 /);
  left.type(ctrlC + ctrlC);
  expect(await left.exitCode).toBe(130);
  const [, id = ''] = /\nSaved; to go on: headway chat --resume (\S+)$/.exec(left.text()) ?? [];
  const folder = join(home.path, '.local/share/headway/chats');
  expect(await readdir(folder)).toEqual([`${id}.json`]);
  const piped = await runHeadway(['chat', '--resume', id], { ...home, stdin: 'Now?\n' });
  expect(piped).toEqual({ code: 0, stdout: 'Heard: Count, w0 w1, Next?, Heard, Count, w0 w1, Now?.\n', stderr: '' });
});

test('Ctrl-C during prefill removes the progress bar', async () => {
  await using home = await openHome();
  await using gateway = await openGateway({ prefillTokensPerSecond: 20 });
  await using terminal = openTerminal({ args: ['chat', '--url', gateway.url], env: home.env });
  await terminal.shows('/help');
  terminal.type(`${endless.slice(0, 900)}\r`);
  await terminal.shows(/█░+ Reading/);
  terminal.type(ctrlC);
  expect(await terminal.shows(/wrote 0, stopped\n\n>$/)).not.toMatch(/[█░]/);
  expect(terminal.cursorShown()).toBe(true);
});

test('Ctrl-C clears a line, and exits at an empty line', async () => {
  await using home = await openHome();
  await using gateway = await openGateway({ reply: 'Hello.' });
  await using terminal = openTerminal({ args: ['chat', '--url', gateway.url], env: home.env });
  await terminal.shows(/>$/);
  terminal.type('never sent \\\rnor this');
  await terminal.shows('… nor this');
  terminal.type(ctrlC);
  await terminal.shows(/nor this\n>$/);
  terminal.type('sent\r');
  await terminal.shows('Hello.');
  await terminal.shows(/\n\n>$/);
  // A Ctrl-C right after the answer was meant for the answer.
  const pressing = setInterval(() => terminal.type(ctrlC), 300);
  expect(await terminal.exitCode.finally(() => clearInterval(pressing))).toBe(130);
});

test('text typed during an answer is hidden until the next prompt', async () => {
  await using home = await openHome();
  await using gateway = await openGateway(({ messages = [] }) => ({
    reply: messages.length === 1 ? 'one two three four five six seven' : 'Second.',
    decodeTokensPerSecond: 20,
  }));
  await using terminal = openTerminal({ args: ['chat', '--url', gateway.url], env: home.env });
  await terminal.shows(/>$/);
  terminal.type('first\r');
  await terminal.shows('one two');
  terminal.type('typed early\r');
  const screen = await terminal.shows('Second.');
  expect(screen).toMatch(/one two three four five six seven\n.*\n\n> typed early\nSecond\./);
});

test('the chat commands work, and a terminal shows the reasoning', async () => {
  await using home = await openHome();
  await using gateway = await openGateway(({ messages }) => ({
    reasoning: 'Let me think.',
    reply: `Roles: ${messages?.map(({ role }) => role).join(' ')}`,
  }));
  await using terminal = openTerminal({ args: ['chat', '--url', gateway.url], env: home.env });
  await terminal.shows(/>$/);
  terminal.type('/help\r');
  await terminal.shows('/save <file>');
  terminal.type('/system Be brief.\r/what\rhi\r');
  const screen = await terminal.shows('Roles: system user');
  expect(screen).toContain('There is no /what');
  expect(screen).toContain('leaves.');
  expect(screen).toMatch(/Let me think\.\n\nRoles/);
  terminal.type('/exit\r');
  expect(await terminal.exitCode).toBe(0);
});

test('in a pipe each line is a turn, and stdout has the answers only', async () => {
  await using home = await openHome();
  await using gateway = await openGateway(({ messages = [] }) => ({
    reasoning: 'hidden',
    reply: `Answer ${messages.length}.`,
  }));
  const piped = await runHeadway(['chat', '--url', gateway.url], { ...home, stdin: 'one\ntwo\n' });
  expect(piped).toEqual({ code: 0, stdout: 'Answer 1.\nAnswer 3.\n', stderr: '' });
});

test('headway run with a gateway prints its events, and reports a lost gateway in one sentence', async () => {
  await using home = await openHome();
  await using gateway = await openGateway(({ messages }) => ({
    reasoning: 'Hm.',
    reply: `To: ${JSON.stringify(messages?.at(-1)?.content)}`,
  }));
  const piped = await runHeadway(['run', '--url', gateway.url, 'Hello'], home);
  expect(piped).toEqual({ code: 0, stdout: 'To: "Hello"', stderr: '' });
  const wrong = await runHeadway(['run', '--url', gateway.url, 'nobody', 'Hello'], home);
  expect(wrong).toEqual({
    code: 1,
    stdout: '',
    stderr: 'headway: model: there is no "nobody"; choose one of: scripted\n',
  });
  const gone = await runHeadway(['run', '--url', `${gateway.url}/elsewhere`, 'Hello'], home);
  expect(gone.code).toBe(1);
  expect(gone.stderr).toMatch(/^headway: no Headway gateway answers at \S+ \(.*404.*\); start one .*\n$/);
});
