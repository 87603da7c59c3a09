import { createEngine, scripted, type ScriptedOptions } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { expect, test } from 'vitest';

import { ctrlC, ctrlD, openTerminal } from './open-terminal.ts';
import { openHome, runHeadway } from './run-headway.ts';
import { startServe } from './serve-process.ts';

const prose = 'The model reads the whole prompt before it writes its very first word, and says how far it is. ';
const code = '```sh\ncurl -N http://127.0.0.1:4477/v1/chat/completions -H "Content-Type: application/json"\n```\n';
const reply = `${prose.repeat(3)}\n\n${code}预填充是模型在写第一个字之前阅读提示的阶段，可能需要很长时间。 Done.`;

const deleteLine = '\u0015';

async function openGateway(
  text = reply,
  script: ScriptedOptions['script'] = { reply: text, decodeTokensPerSecond: 2000 },
) {
  const engine = await createEngine({ backend: scripted({ script }), parallel: 4 });
  const gateway = await startGateway({ engine, port: 0 });
  return {
    url: gateway.url,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

test.each([['run', 40] as const, ['run', 60] as const, ['chat', 40] as const])(
  'headway %s breaks an answer between words at %i columns',
  async (command, columns) => {
    await using home = await openHome();
    await using gateway = await openGateway();
    const args = [command, '--url', gateway.url, ...(command === 'run' ? ['Hello'] : [])];
    await using terminal = openTerminal({ args, env: home.env, cwd: home.path, columns });
    if (command === 'chat') {
      await terminal.shows(/>$/);
      terminal.type('Hello\r');
    }
    const screen = await terminal.shows(/first after \d+\s+ms/);
    const lines = screen.split('\n');
    const from = lines.findIndex((line) => line.startsWith('The model'));
    const fence = lines.indexOf('```sh');
    const words = lines.slice(from, fence).join(' ').split(/\s+/).filter(Boolean);
    expect(words).toEqual(prose.repeat(3).trim().split(' '));
    // Code is not wrapped, so that it can be copied.
    expect(lines[fence + 1]).toHaveLength(columns);
    const after = lines.slice(lines.indexOf('```') + 1);
    expect(after.find((line) => line.startsWith('预'))).toHaveLength(Math.floor((columns - 1) / 2));
    expect(after.join('\n')).toMatch(/(^| )Done\.$/m);
    // The summary is not broken within a word either.
    expect(after.join(' ')).toMatch(/Read \d+ tokens.* at [\d,.]+\/s, wrote \d+ at [\d,.]+\/s, first after \d+ ms/);
    if (command === 'chat') terminal.type(ctrlD);
    expect(await terminal.exitCode).toBe(0);
  },
);

const marked =
  '# Title\n\nSome **bold words** and `code` that is wrapped.\n\n' +
  '1. A [link](https://example.org/) in a list\n\n| Name | Cost |\n|---|--:|\n| a | 1,200 |\n\nEnd.';

test('a terminal shows Markdown as styles, unless it has none or --no-markdown is given', async () => {
  await using home = await openHome();
  await using gateway = await openGateway(marked);
  const show = async (env: Record<string, string>, ...flags: string[]) => {
    const args = ['run', '--url', gateway.url, ...flags, 'Hello'];
    await using terminal = openTerminal({ args, env: { ...home.env, ...env }, columns: 30 });
    expect(await terminal.exitCode).toBe(0);
    return { text: terminal.text().replace(/\nRead .*/s, ''), raw: terminal.raw() };
  };
  const styled = await show({});
  expect(styled.text).toBe(
    'Title\n\nSome bold words and code that\nis wrapped.\n\n' +
      '1. A link\n   (https://example.org/) in\n   a list\n\n' +
      'Name │  Cost\n─────┼──────\na    │ 1,200\n\nEnd.',
  );
  expect(styled.raw).toContain('\u001b[36mcode\u001b[39m');
  const words = (text: string) => text.split(/\s+/);
  for (const { text } of [await show({ NO_COLOR: '1' }), await show({}, '--no-markdown')]) {
    expect(words(text)).toEqual(words(marked));
  }
});

test('several answers are written side by side, in a window that changes its width, and nothing of them is lost', async () => {
  await using home = await openHome();
  let choice = 0;
  const texts = ['a', 'b', 'c'].map((letter) => Array.from({ length: 120 }, (_, at) => `${letter}${at}`).join(' '));
  const script = () => ({ reply: texts[choice++ % 3] ?? '', decodeTokensPerSecond: 60 });
  await using gateway = await openGateway('', script);
  const args = ['run', '--url', gateway.url, '--choices', '3', 'Hello'];
  await using terminal = openTerminal({ args, env: home.env, columns: 120 });
  await terminal.shows(/1 writing, \d+ tokens at .* │ 2 writing, .* │ 3 writing, [^]*a30 .* │ .*b30 .* │ .*c30 /);
  terminal.resize({ columns: 84 });
  await terminal.shows(/a60 .* │ .*b60 .* │ .*c60 /);
  terminal.resize({ columns: 140 });
  expect(await terminal.exitCode).toBe(0);
  const screen = terminal.text();
  expect(screen).toMatch(/^1 done, 120 tokens at [\d.]+\/s +│ 2 done, 120 tokens at [\d.]+\/s +│ 3 done, 120 tokens/m);
  expect(screen).toMatch(/^Read \d+ tokens.* wrote 360, first after/m);
  const rows = screen.split('\n').filter((line) => line.includes(' │ '));
  const columns = [0, 1, 2].map((at) => rows.slice(1).map((row) => row.split(' │ ')[at]?.trim() ?? ''));
  expect(columns.map((lines) => lines.join(' ').trim())).toEqual(texts);
  expect(terminal.cursorShown()).toBe(true);
});

test('an answer in a pipe is not wrapped', async () => {
  await using home = await openHome();
  await using gateway = await openGateway();
  const env = { ...home.env, COLUMNS: '40' };
  expect(await runHeadway(['run', '--url', gateway.url, 'Hello'], { env })).toEqual({
    code: 0,
    stdout: reply,
    stderr: '',
  });
});

test('text typed while the model loads is hidden until the prompt, where it can be completed', async () => {
  await using home = await openHome();
  const args = ['chat', '--max-tokens', '5'];
  await using terminal = openTerminal({ args, env: home.env, cwd: home.path });
  await terminal.shows('Loading the model');
  terminal.type('What is prefill?\rand half');
  await terminal.shows(/wrote 5/);
  terminal.type(' a line');
  expect(await terminal.shows('and half a line')).toMatch(/commands\n> What is prefill\?\n.*\n\n> and half a line$/s);
  for (const frame of terminal.frames)
    expect(frame.replace(/^(> |storyteller).*$/gm, '')).not.toMatch(/prefill\?|half/);
  terminal.type(deleteLine + ctrlD);
  expect(await terminal.exitCode).toBe(0);
});

test('Ctrl-C exits headway chat while the model loads', async () => {
  await using home = await openHome();
  await using terminal = openTerminal({ args: ['chat'], env: home.env, cwd: home.path });
  await terminal.shows('Loading the model');
  terminal.type(ctrlC);
  expect(await terminal.exitCode).toBe(130);
  expect(terminal.text()).toBe('');
});

test('headway chat in a pipe refuses text that is not UTF-8', async () => {
  await using home = await openHome();
  await using gateway = await openGateway('Hm.');
  const chat = (stdin: Buffer) => runHeadway(['chat', '--url', gateway.url], { ...home, stdin });
  expect(await chat(Buffer.from('Hello wörld', 'utf16le'))).toEqual({
    code: 1,
    stdout: '',
    stderr: 'headway: standard input is not a text file in UTF-8\n',
  });
  expect(await chat(Buffer.from('\ufeffHello wörld\nAgain'))).toEqual({ code: 0, stdout: 'Hm.\nHm.\n', stderr: '' });
  expect(await chat(Buffer.from('Again\n'.repeat(300)))).toEqual({ code: 0, stdout: 'Hm.\n'.repeat(300), stderr: '' });
});

test('headway bench removes its progress line before the table', async () => {
  await using home = await openHome();
  const args = ['bench', '--sizes', '32', '--write', '4', '--repeat', '1'];
  await using terminal = openTerminal({ args, env: home.env, cwd: home.path });
  expect(await terminal.exitCode).toBe(0);
  // On a busy machine the line comes and goes between two frames.
  expect(terminal.raw()).toContain('Run 1 of 1');
  expect(terminal.text()).toMatch(/^PROMPT TOKENS {2}.*\n +[\d,]+ .* ms$/);
});

test.each([
  ['serve', ['serve', '--port', '0'], /Answers at|http:\/\/127\.0\.0\.1:\d+/, 0],
  ['chat', ['chat'], />$/, 129],
] as const)('headway %s exits when its terminal closes', async (_name, args, ready, code) => {
  await using home = await openHome();
  await using terminal = openTerminal({ args, env: home.env, cwd: home.path });
  await terminal.shows(ready);
  terminal.signal('SIGHUP');
  expect(await terminal.exitCode).toBe(code);
});

test('headway serve without a terminal ignores SIGHUP', async () => {
  await using serving = await startServe();
  serving.kill('SIGHUP');
  const answer = await fetch(`${serving.url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Once', max_tokens: 3 }),
  });
  expect(answer.status).toBe(200);
  serving.kill('SIGTERM');
  expect(await serving.exited).toEqual([0, null]);
});
