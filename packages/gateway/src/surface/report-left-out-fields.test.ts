import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../apis/openai/scripted-gateway.fixture.ts';
import { reportLeftOutFields } from './report-left-out-fields.ts';

const schema = { type: 'object', properties: { 'größe "m"': { not: { const: 1 } } } };
const place = 'properties["größe \\"m\\""].not';
const user = [{ role: 'user', content: 'Hi' }];

const asked: [api: string, path: string, body: object, field: string][] = [
  [
    'chat',
    '/v1/chat/completions',
    { messages: user, response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } },
    `response_format.json_schema.schema.${place}`,
  ],
  [
    'chat',
    '/v1/chat/completions',
    { messages: user, tools: [{ type: 'function', function: { name: 'f', parameters: schema } }] },
    `tools[0].function.parameters.${place}`,
  ],
  [
    'responses',
    '/v1/responses',
    { input: 'Hi', text: { format: { type: 'json_schema', name: 'a', schema } } },
    `text.format.schema.${place}`,
  ],
  [
    'messages',
    '/v1/messages',
    { messages: user, max_tokens: 9, tools: [{ name: 'f', input_schema: schema }] },
    `tools[0].input_schema.${place}`,
  ],
];

describe.each(asked)('a schema of %s that the grammar enforces only in part', (_api, path, body, field) => {
  test.each([false, true])('is reported in an ASCII header, streamed: %s', async (stream) => {
    await using context = await openScriptedGateway({ script: { reply: '{}' } });
    const response = await context.post(path, { ...body, stream });
    expect(response.status).toBe(200);
    const header = response.headers.get('x-headway-left-out') ?? '';
    expect(header).toMatch(/^[ -~]+$/);
    expect(JSON.parse(header)).toEqual([field]);
    await response.text();
  });
});

test('a schema that is enforced in full sets no header, and strict refuses one that is not', async () => {
  await using context = await openScriptedGateway({ script: { reply: '{}' } });
  const kept = await context.chat({ response_format: { type: 'json_object' } });
  expect(kept.headers.has('x-headway-left-out')).toBe(false);
  const strict = { name: 'a', schema, strict: true };
  const refused = await context.chat({ response_format: { type: 'json_schema', json_schema: strict } });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { param: `response_format.json_schema.schema.${place}` } });
});

test('X-Headway-Left-Out stays short, and the log has one line', async () => {
  const lines: object[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as object) };
  const app = Fastify({ logger: { level: 'info', stream }, disableRequestLogging: true });
  const leftOut = Array.from({ length: 17 }, (_, at) => `p${at}${'ü'.repeat(190)}`);
  app.get('/', async (request, reply) => {
    reportLeftOutFields(request, reply, leftOut, (path) => path.toUpperCase());
    reportLeftOutFields(request, reply, leftOut, (path) => path);
    return {};
  });
  const { headers } = await app.inject('/');
  const header = String(headers['x-headway-left-out']);
  expect(header.length).toBeLessThan(2_001);
  expect(JSON.parse(header)).toEqual([expect.stringMatching(/^P0Ü+$/), 'and more']);
  expect(lines).toEqual([expect.objectContaining({ leftOut, msg: 'the grammar enforces a schema only in part' })]);
});
