import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { captureQueued, type WireExample } from './capture-stream.ts';
import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { comment, named, returnProgress, silent, swiftLm } from './progress-dialects.ts';
import { abridge, shapesIn } from './wire-shape.ts';

// WIRE_FORMATS=write npx vitest run --project system tests/third-party/clients/wire-formats.test.ts
// rewrites the examples, and the versions of the clients in their table.
const writes = process.env['WIRE_FORMATS'] === 'write';
const documentPath = fileURLToPath(new URL('../../../docs/wire-formats.md', import.meta.url));

const story = 'Once upon a time there was a fox. '.repeat(12).trim();
const content = `${story} Go on.`;
const spans = [{ name: 'fox.txt', start: 0, end: story.length }];
// A short answer has the same length on every machine: rounding does not change it.
const chat = { messages: [{ role: 'user', content }], max_tokens: 8, temperature: 0, stream: true };

const examples: WireExample[] = [
  ...[silent, returnProgress, named, comment, swiftLm].map(({ name, headers, body }) => ({
    name: `chat, ${name}`,
    path: '/v1/chat/completions',
    headers,
    body: { ...chat, stream_options: { include_usage: true }, ...body },
  })),
  {
    name: 'chat, spans',
    path: '/v1/chat/completions',
    headers: {},
    body: { ...chat, return_progress: true, spans },
  },
  {
    name: 'completions, return_progress',
    path: '/v1/completions',
    headers: {},
    body: { prompt: content, max_tokens: 8, temperature: 0, stream: true, return_progress: true },
  },
  ...[returnProgress, named].map(({ name, headers, body }) => ({
    name: `responses, ${name}`,
    path: '/v1/responses',
    headers,
    body: { input: content, max_output_tokens: 8, temperature: 0, stream: true, ...body },
  })),
  { name: 'messages, named', path: '/v1/messages', headers: named.headers, body: chat },
  {
    name: 'generations',
    path: '/v1/generations',
    headers: { Accept: 'text/event-stream' },
    body: { messages: chat.messages, maxTokens: 8, temperature: 0 },
  },
  {
    name: 'generations, spans',
    path: '/v1/generations',
    headers: { Accept: 'text/event-stream' },
    // How many steps there are between the first and the last depends on the machine.
    body: { messages: chat.messages, maxTokens: 8, temperature: 0, spans, progressIntervalMs: 60_000 },
  },
];

/** The block of an example, named by the comment before it. */
function findBlock(text: string, name: string): { start: number; end: number; block: string } {
  const before = `<!-- captured: ${name} -->\n\`\`\`text\n`;
  const start = text.indexOf(before) + before.length;
  if (start < before.length) throw new Error(`docs/wire-formats.md has no block for ${before}`);
  const end = text.indexOf('\n```\n', start);
  return { start, end, block: text.slice(start, end) };
}

let gateway: EmbeddedGateway;
beforeAll(async () => {
  gateway = await startEmbedded({ parallel: 1 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe('docs/wire-formats.md', () => {
  test.each(examples)('shows the bytes that the gateway sends: $name', async (example) => {
    const captured = await captureQueued(gateway, example);
    const text = readFileSync(documentPath, 'utf8');
    const { start, end, block } = findBlock(text, example.name);
    if (writes) writeFileSync(documentPath, text.slice(0, start) + abridge(captured) + text.slice(end));
    expect(shapesIn(writes ? abridge(captured) : block)).toEqual(shapesIn(captured));
  });

  test('has no unchecked example', () => {
    const text = readFileSync(documentPath, 'utf8');
    const names = [...text.matchAll(/^<!-- captured: (.*) -->$/gm)].map(([, name]) => name);
    expect(names).toEqual(examples.map(({ name }) => name));
  });

  test.each(['openai', 'ai', '@ai-sdk/openai-compatible', '@anthropic-ai/sdk', 'opencode-ai'])(
    'names the tested version of %s',
    (name) => {
      const text = readFileSync(documentPath, 'utf8');
      const [found = '', before = ''] = new RegExp(`^(\\|.*\`${name}\` )[\\d.]+`, 'm').exec(text) ?? [];
      const wanted = `${before}${versionOf(name)}`;
      const fresh = text.replace(found, wanted);
      if (writes) writeFileSync(documentPath, fresh);
      expect(before).not.toBe('');
      expect(readFileSync(documentPath, 'utf8')).toContain(wanted);
    },
  );
});

function versionOf(name: string): string {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
