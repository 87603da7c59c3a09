import { createServer } from 'node:net';

import { storytellerPath } from '@headway/storyteller';
import { expect, test } from 'vitest';

import { startGuarded } from './guarded-gateway.ts';
import { ctrlC, openTerminal } from './open-terminal.ts';
import { openHome, runHeadway, startHeadway, type Piped } from './run-headway.ts';
import { childrenOf, isAlive } from './serve-process.ts';

interface Finding {
  state: string;
  what: string;
  remedy?: string;
}

interface DoctorJson {
  ok: boolean;
  sections: { id: string; title: string; findings: Finding[]; facts: Record<string, unknown> }[];
}

/** The table of progress dialects by client, when everything works. */
const table = `
raw SSE readers | text progress progress progress progress
OpenAI SDK, JavaScript | text progress progress text breaks
OpenAI SDK, Python | text progress progress text breaks*
AI SDK, OpenAI | text progress progress text breaks
AI SDK, Anthropic | text breaks breaks text breaks
Anthropic SDK, JavaScript | text progress progress text progress
Anthropic SDK, Python | text text text text text
llama.cpp's clients | text progress text text breaks
exo's clients | text text text progress text
SwiftLM's clients | text text text text progress
LM Studio SDK | speaks a protocol of its own`;

function tableIn(stdout: string): string {
  const [, , ...lines] = stdout.slice(stdout.indexOf('What each kind')).split('\n');
  const rows = lines.slice(0, table.trim().split('\n').length);
  return rows.map((row) => `\n${row.slice(2, 27).trim()} | ${row.slice(28).trim().replace(/ +/g, ' ')}`).join('');
}

const sectionOf = ({ stdout }: Piped, id: string) =>
  (JSON.parse(stdout) as DoctorJson).sections.find((section) => section.id === id);

/** A free address of this machine. */
async function freeUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

test('headway doctor tests a gateway as each kind of client, with the key', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  const env = { ...home.env, HEADWAY_API_KEY: guarded.mine };
  const { code, stdout, stderr } = await runHeadway(['doctor', '--url', guarded.url], { env, cwd: home.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('✗');
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toContain(`\nGateway ${guarded.url}\n  ✓ answers and is ready\n  ✓ takes the key\n`);
  expect(stdout).toContain('  ✓ /v1 chat/completions, completions, responses, messages: all 5 dialects stream\n');
  expect(tableIn(stdout)).toBe(table);
  // The doctor does not check the model of another gateway.
  expect(stdout).not.toMatch(/^Model /m);
});

test('headway doctor reports a missing key with a remedy, also as JSON', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  const doctor = (...args: string[]) =>
    runHeadway(['doctor', '--url', guarded.url, ...args], { env: home.env, cwd: home.path });
  const said = await doctor();
  expect(said).toMatchObject({ code: 1, stderr: '' });
  expect(said.stdout).toContain('  ✗ needs a key\n    → give one as --api-key or HEADWAY_API_KEY\n');
  expect(said.stdout).not.toContain('What each kind');

  const asJson = await doctor('--json');
  expect(asJson).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: false });
  expect(sectionOf(asJson, 'gateway')).toMatchObject({ facts: { reached: true, needsKey: true } });
  expect(sectionOf(asJson, 'machine')?.facts).toMatchObject({ node: process.versions.node });
});

test('headway doctor reports a URL where nothing listens', async () => {
  await using home = await openHome();
  const url = await freeUrl();
  const { code, stdout, stderr } = await runHeadway(['doctor', '--url', url], { env: home.env, cwd: home.path });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toContain(
    `Gateway ${url}\n  ✗ does not answer: nothing listens there\n    → start one with headway serve, or check the URL\n`,
  );
});

test('--origin reports whether its pages are allowed, and the flag that would allow them', async () => {
  await using home = await openHome();
  const origin = 'http://app.example:5173';
  await using guarded = await startGuarded({ allowOrigins: [origin] });
  const env = { ...home.env, HEADWAY_API_KEY: guarded.mine };
  const ask = (asked: string) =>
    runHeadway(['doctor', '--url', guarded.url, '--origin', asked], { env, cwd: home.path });
  expect((await ask(origin)).stdout).toContain(`✓ accepts pages of ${origin}, with every header`);
  expect(await ask('http://other.example')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('--allow-origin http://other.example') as string,
  });
});

test('headway doctor without a gateway loads and serves the embedded model', async () => {
  await using home = await openHome();
  const absent = await fetch('http://127.0.0.1:4477/healthz').catch(() => null);
  expect(absent, 'something answers at http://127.0.0.1:4477; stop it, this test needs the address free').toBeNull();
  const ran = await runHeadway(['doctor', '--json'], { env: home.env, cwd: home.path });
  const { ok, sections } = JSON.parse(ran.stdout) as DoctorJson;
  expect({ ok, code: ran.code, stderr: ran.stderr }).toEqual({ ok: true, code: 0, stderr: '' });
  expect(sections.map(({ id }) => id)).toEqual(['machine', 'model', 'gateway', 'streams']);
  const model = sectionOf(ran, 'model')?.facts;
  expect(model).toMatchObject({
    info: { id: 'storyteller', state: 'ready', slots: 4 },
    chat: {
      template: true,
      fault: null,
      sample: '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n',
      thinking: false,
      switches: [],
      calls: null,
    },
    loadMs: expect.any(Number) as number,
    estimatedBytes: expect.any(Number) as number,
    memoryBytes: expect.any(Number) as number,
  });
  const gateway = sectionOf(ran, 'gateway');
  expect(gateway?.findings[0]).toMatchObject({ state: 'warning', remedy: 'start one: headway serve' });
  expect(gateway?.facts).toMatchObject({ reached: true, ready: true, socket: true });
  const verdicts = sectionOf(ran, 'streams')?.facts['verdicts'];
  expect(verdicts).toContainEqual({
    client: 'openai-js',
    surface: 'chat',
    dialect: 'swiftlm',
    takes: 'breaks',
    why: 'the event prefill_progress has no choices',
  });
});

test('headway doctor reports a model that cannot be loaded, with a remedy', async () => {
  await using home = await openHome();
  const { code, stdout, stderr } = await runHeadway(['doctor', 'missing.gguf'], { env: home.env, cwd: home.path });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toContain('Model missing.gguf\n  ✗ there is no file missing.gguf\n    → check the path\n');
});

test.for([
  [['--url', 'nowhere'], /is not an http or https URL/],
  [['--origin', 'http://a.example/page'], /use scheme, host and port alone/i],
  [['--timeout', '0'], /use a whole number from 1 to 3600/],
  [['--url', 'http://127.0.0.1:1', '--ctx', '512'], /cannot be used with/],
] as const)('headway doctor refuses the arguments %j', async ([args, says]) => {
  await using home = await openHome();
  const result = await runHeadway(['doctor', ...args], { env: home.env, cwd: home.path });
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(says) as string });
});

test('headway doctor shows its progress in colour on a terminal, and Ctrl-C ends it while a model loads', async () => {
  await using home = await openHome();
  await using terminal = openTerminal({ args: ['doctor', storytellerPath], env: home.env, cwd: home.path });
  await terminal.shows('Loading the model');
  terminal.type(ctrlC);
  expect(await terminal.exitCode).toBe(130);
  expect(terminal.raw()).toContain('\u001b[32m✓\u001b[39m Node');
  expect(terminal.text()).not.toContain('Loading the model');
});

test('a signal during loading leaves no process of headway doctor', async () => {
  await using home = await openHome();
  const { child, ended } = startHeadway(['doctor', storytellerPath], { env: home.env, cwd: home.path });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const engines = () => childrenOf(child.pid ?? 0);
  await expect.poll(engines, { timeout: 20_000 }).toHaveLength(1);
  const [engine = 0] = engines();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: '' });
  await expect.poll(() => isAlive(engine), { timeout: 10_000 }).toBe(false);
});

test('a signal ends headway doctor while a gateway does not answer', async () => {
  await using home = await openHome();
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  try {
    const connected = new Promise((resolve) => server.once('connection', resolve));
    const { child, ended } = startHeadway(['doctor', '--url', url], { env: home.env, cwd: home.path });
    await connected;
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 143, stderr: '' });
  } finally {
    server.close();
  }
});

// The trials take a minute, too long for each run.
const advised = process.env['HEADWAY_SOAK'] === '1' ? [storytellerPath] : [];

test.for(advised)(
  'headway doctor %s --advise tries flags beside the settings as they are',
  { timeout: 600_000 },
  async (model) => {
    await using home = await openHome();
    const ran = await runHeadway(['doctor', model, '--advise', '120', '--json'], { ...home, cwd: home.path });
    expect(ran.stderr).toBe('');
    const section = sectionOf(ran, 'flags');
    const trials = section?.facts['trials'] as {
      flags: string;
      pairs: number;
      memory: number;
      verdict: string | null;
    }[];
    expect(trials.map(({ flags }) => flags)).toEqual(expect.arrayContaining(['--flash-attn off', '--kv-type q8_0']));
    expect(section?.findings).toHaveLength(trials.length);
    expect(trials[0]).toMatchObject({ pairs: expect.any(Number) as number, verdict: expect.any(String) as string });
    expect(trials[0]?.pairs).toBeGreaterThanOrEqual(6);
    expect(trials.find(({ flags }) => flags === '--kv-type q8_0')?.memory).toBeLessThan(0.8);
  },
);
