import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

import { startUpstream } from '../upstreams/start-upstream.ts';
import { headwayMain } from './open-terminal.ts';
import { startServe } from './serve-process.ts';

/** A module that makes every import of node-llama-cpp fail, in the process and its children. */
const withoutLlama = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(specifier, context, next) {
      if (specifier.startsWith('node-llama-cpp')) throw new Error('node-llama-cpp was imported');
      return next(specifier, context);
    }\`));
`)}`;

describe('headway serve --upstream', () => {
  test('serves the model of another server with its progress, without llama.cpp and without showing the key', async () => {
    const key = 'sk-upstream-secret';
    await using upstream = await startUpstream(
      { dialect: 'vllm', models: [{ id: 'Qwen/Big' }], replies: [{ text: 'All is well.' }] },
      { ownProcess: false },
    );
    process.env['GATEWAY_TEST_KEY'] = key;
    const flags = [
      '--upstream',
      `${upstream.url}/v1`,
      '--upstream-key-env',
      'GATEWAY_TEST_KEY',
      '--log-level',
      'debug',
    ];
    process.env['NODE_OPTIONS'] = `--import "${withoutLlama}"`;
    const started = startServe(...flags);
    delete process.env['NODE_OPTIONS'];
    delete process.env['GATEWAY_TEST_KEY'];
    await using serve = await started;
    expect(serve.enginePids()).toEqual([]);

    const client = new OpenAI({ baseURL: `${serve.url}/v1`, apiKey: 'own', maxRetries: 0 });
    const seen: string[] = [];
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['Qwen/Big']);
    const asked = {
      model: 'Qwen/Big',
      messages: [{ role: 'user', content: 'Are you well? '.repeat(50) }],
      stream: true,
      stream_options: { include_usage: true },
      return_progress: true,
    } as const;
    const stream = await client.chat.completions.create({ ...asked, messages: [...asked.messages] });
    let answer = '';
    for await (const chunk of stream) {
      seen.push(JSON.stringify(chunk));
      answer += chunk.choices[0]?.delta.content ?? '';
    }
    expect(answer).toBe('All is well.');
    expect(seen.some((chunk) => chunk.includes('prompt_progress'))).toBe(true);

    const status = await (await fetch(`${serve.url}/trpc/status`)).text();
    expect(status).toContain('"dialect":"vllm"');
    const [received] = (await upstream.requests()).filter(({ path }) => path === '/v1/chat/completions');
    expect(received?.headers['authorization']).toBe(`Bearer ${key}`);
    serve.kill('SIGINT');
    expect(await serve.exited).toEqual([0, null]);
    const everything = [...seen, status, JSON.stringify(models.data), serve.output.stderr].join('\n');
    expect(everything).not.toContain(key);
    expect(everything).not.toContain(`:${upstream.port}`);
  });

  test('serves each model that the server lists, and more than one server from a file, with aliases', async () => {
    await using one = await startUpstream(
      { dialect: 'ollama', models: [{ id: 'small' }, { id: 'large' }], replies: [{ text: 'one' }] },
      { ownProcess: false },
    );
    await using serve = await startServe('--upstream', one.url, '--alias', 'gpt-4o');
    const ids = async (url: string) => {
      const list = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
      return list.data.map(({ id }) => id);
    };
    expect(await ids(serve.url)).toEqual(['small:latest', 'large:latest', 'gpt-4o']);

    await using two = await startUpstream(
      { dialect: 'openai', models: [{ id: 'x' }], replies: [{ text: 'two' }] },
      { ownProcess: false },
    );
    const folder = await mkdtemp(join(tmpdir(), 'headway-config-'));
    try {
      const file = join(folder, 'headway.config.json');
      const models = [
        { id: 'first', upstreams: [{ url: one.url, model: 'small' }] },
        { id: 'second', aliases: ['other'], upstreams: [{ url: two.url, model: 'x', concurrency: 2 }] },
      ];
      await writeFile(file, JSON.stringify({ models }));
      await using both = await startServe('--config', file);
      expect(await ids(both.url)).toEqual(['first', 'second', 'other']);
      const answers = await Promise.all(
        ['first', 'second', 'other', 'default'].map(async (model) => {
          const client = new OpenAI({ baseURL: `${both.url}/v1`, apiKey: 'own', maxRetries: 0 });
          const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] });
          return answer.choices[0]?.message.content;
        }),
      );
      expect(answers).toEqual(['one', 'two', 'two', 'one']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('says what is wrong with a server that cannot be reached, or that refuses the key', async () => {
    const failing = async (...args: string[]) => {
      const child = spawn(process.execPath, [headwayMain, 'serve', '--port', '0', ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      return { code: code as number, said };
    };
    expect(await failing('--upstream', 'http://127.0.0.1:9/v1')).toEqual({
      code: 1,
      said: 'headway: --upstream: the upstream refuses connections; start the server there, or check the address\n',
    });
    await using upstream = await startUpstream({ dialect: 'openai', models: [{ id: 'x' }] }, { ownProcess: false });
    const { code, said } = await failing('--upstream', upstream.url.replace('http:', 'ftp:'));
    expect({ code, said }).toMatchObject({ code: 2, said: expect.stringMatching(/^headway: --upstream/) });
  });
});

test('headway doctor --upstream says what a server is, how it tells its progress and what it lacks', async () => {
  await using upstream = await startUpstream(
    { dialect: 'llama-server', replies: [{ text: '{"blue": true}' }] },
    { ownProcess: false },
  );
  const child = spawn(process.execPath, [headwayMain, 'doctor', '--upstream', upstream.url, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const { sections } = JSON.parse(printed) as { sections: { id: string; facts: object }[] };
  expect(sections).toMatchObject([
    {
      id: 'upstream',
      facts: {
        dialect: 'llama-server',
        contextSize: 4096,
        progress: 'reported',
        trials: { 'JSON schema': true, tools: false, 'raw prompts': true, 'cached tokens': true },
      },
    },
  ]);
});
