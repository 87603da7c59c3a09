import { chmod, copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { storytellerPath } from '@headway/storyteller';
import { expect, test } from 'vitest';

import { startGuarded } from './guarded-gateway.ts';
import { openHome, runHeadway, type Piped } from './run-headway.ts';

/** The arguments, exit code and message of each failure. `FOLDER` stands for the test's folder. */
const broken: [args: string[], code: number, says: RegExp][] = [
  [['run', 'missing.gguf', 'Hello'], 1, /there is no file missing\.gguf/],
  [['run', 'cut.gguf', 'Hello'], 1, /cut\.gguf is cut off.*download it again/],
  [['run', 'text.gguf', 'Hello'], 1, /text\.gguf is not a GGUF file/],
  [['run', 'folder', 'Hello'], 1, /folder is a folder/],
  [['run', '-f', 'missing.txt', 'Hello'], 1, /missing\.txt does not exist/],
  [['run', '-f', 'folder', 'Hello'], 1, /folder is a folder/],
  [['run', '-f', 'bytes.bin', 'Hello'], 1, /bytes\.bin is not a text file/],
  [['run'], 2, /there is no prompt/],
  [['run', '--nonsense', 'Hello'], 2, /unknown option '--nonsense'; see headway run --help/],
  [['nonsense'], 2, /unknown command 'nonsense'/],
  [['run', '--temperature', 'warm', 'Hello'], 2, /use a number from 0 to 100/],
  [['run', '--raw', '--system', 'x', 'Hello'], 2, /cannot be used with/],
  [['run', '--ctx', '999999999', 'Hello'], 2, /use a whole number from 16 to/],
  [['run', '--kv-type', 'q9', 'Hello'], 2, /'q9' is invalid: use one of f32, f16, /],
  [['run', '--batch-size', '0', 'Hello'], 2, /use a whole number from 64 to 8192/],
  [['serve', '--kv-type', 'q8_0', '--flash-attn', 'off'], 2, /values of q8_0 need flash attention; leave out/],
  [['run', '--url', 'http://127.0.0.1:1', '--mlock', 'Hello'], 2, /cannot be used with option '--mlock'/],
  [['run', '--ctx', '16777216', 'Hello'], 1, /not enough memory/],
  [['run', '--ctx', '256', '-f', 'long.txt'], 1, /the context of this model holds 256/],
  [['run', '--url', 'http://127.0.0.1:1', 'Hello'], 1, /no Headway gateway answers at http:\/\/127\.0\.0\.1:1/],
  [['run', '--url', 'nowhere', 'Hello'], 2, /^--url: "nowhere" is not an http or https URL/],
  [['chat', 'missing.gguf'], 1, /there is no file missing\.gguf/],
  [['chat', '--url', 'http://127.0.0.1:1'], 1, /no Headway gateway answers/],
  [['build', '--model', 'missing.gguf'], 1, /there is no file missing\.gguf/],
  [['bench', 'missing.gguf'], 1, /there is no file missing\.gguf/],
  [['models', '--dir', 'missing'], 1, /missing does not exist/],
  [['models', 'pull', 'http://127.0.0.1:1/x.gguf'], 1, /cannot be downloaded/],
  [['models', 'pull', 'x.gguf'], 2, /x\.gguf is not an address/],
  [['completion', 'powershell'], 2, /'powershell' is invalid/],
  [['serve', 'missing'], 2, /too many arguments/],
];

test.for(broken)('headway %j exits with %i and one sentence', async ([args, code, says]) => {
  await using home = await openHome();
  await prepare(home.path);
  const result = await runHeadway(args, { ...home, cwd: home.path });
  expect(oneSentence(result)).toMatch(says);
  expect(result.code).toBe(code);
});

test('stdin and files that are not UTF-8 text are refused', async () => {
  await using home = await openHome();
  const stdin = Buffer.from('\ufeffHello wörld', 'utf16le');
  const result = await runHeadway(['run', '--max-tokens', '3'], { ...home, cwd: home.path, stdin });
  expect(oneSentence(result)).toMatch(/standard input is not a text file in UTF-8/);
  expect(result.code).toBe(1);
});

test('--api-key sends the key to a gateway that needs one', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  for (const command of [['run', 'Hello'], ['watch']]) {
    const result = await runHeadway([...command, '--url', guarded.url], { ...home, cwd: home.path });
    expect(oneSentence(result)).toMatch(/needs an API key.*--api-key/);
    expect(result.code).toBe(1);
  }
});

test('the message names a file without read permission', async () => {
  await using home = await openHome();
  await chmod(home.path, 0o755);
  await writeFile(join(home.path, 'secret.txt'), 'x', { mode: 0 });
  // Root may read every file, so that the command runs as another user then.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  const result = await runHeadway(['run', '-f', 'secret.txt'], { ...home, cwd: home.path, uid });
  expect(oneSentence(result)).toMatch(/secret\.txt may not be read/);
  expect(result.code).toBe(1);
});

test('the message names a port in use, with the remedy', async () => {
  await using home = await openHome();
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const address = server.address();
    const port = String(typeof address === 'object' && address ? address.port : 0);
    const result = await runHeadway(['serve', '--port', port], home);
    expect(oneSentence(result)).toContain(`port ${port} is taken`);
    expect(result.code).toBe(1);
  } finally {
    server.close();
  }
});

test.for([[], ['run'], ['chat'], ['serve'], ['models'], ['models', 'pull'], ['bench'], ['doctor'], ['completion']])(
  'headway %j --help prints to stdout, exits with 0, and documents the exit codes',
  async (command) => {
    await using home = await openHome();
    const { code, stdout, stderr } = await runHeadway([...command, '--help'], home);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: ${['headway', ...command].join(' ')}`);
    expect(stdout).toContain('130 interrupted');
    expect(stdout).toContain(`  headway ${command.join(' ')}`);
  },
);

async function prepare(folder: string): Promise<void> {
  await mkdir(join(folder, 'folder'));
  await copyFile(storytellerPath, join(folder, 'cut.gguf'));
  await truncate(join(folder, 'cut.gguf'), (await readFile(storytellerPath)).length / 2);
  await writeFile(join(folder, 'text.gguf'), 'once upon a time');
  await writeFile(join(folder, 'bytes.bin'), Buffer.from([0xff, 0xfe, 0x80, 0x00]));
  await writeFile(join(folder, 'long.txt'), 'word '.repeat(1000));
}

/** The one line on stderr; empty when there were more lines, a stack, or text on stdout. */
function oneSentence({ stdout, stderr }: Piped): string {
  const [, sentence = ''] = /^headway: ([^\n]+)\n$/.exec(stderr) ?? [];
  return stdout === '' && !/\bat .*:\d+:\d+/.test(sentence) ? sentence : '';
}
