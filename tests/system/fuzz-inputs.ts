import fc, { type Arbitrary } from 'fast-check';

/** Numbers at a limit: of the protocol, of a type, or of exactness. */
const edgeNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e308, 5e-324, 10_000_001),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
);

const strange = fc.oneof(
  fc.constant(undefined),
  edgeNumber,
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }) as Arbitrary<unknown>,
  fc.constantFrom(null, true, [], {}, '__proto__', 'constructor', '\u0000', '\ud800', 'x'.repeat(10_000)),
);

/** A valid value, and sometimes an invalid one. */
function mostly<T>(right: Arbitrary<T>): Arbitrary<unknown> {
  return fc.oneof({ arbitrary: right, weight: 4 }, { arbitrary: strange, weight: 1 });
}

// Few ids, so that they collide: duplicates, stops and cancellations of running generations.
const generationName = fc.constantFrom('a', 'b', 'c', 'd');
const eventName = fc.oneof(
  fc.tuple(generationName, fc.integer({ min: -1, max: 20 })).map(([id, seq]) => `${id}:${seq}`),
  fc.constantFrom('a', ':', 'a:', ':1', 'a:1:2', 'a:1e3', 'a:99999999999999999999'),
);

const generateInput = fc.record(
  {
    prompt: mostly(fc.constantFrom('hello', 'endless', 'a b c', '')),
    messages: mostly(
      fc.array(
        fc.record({
          role: mostly(fc.constantFrom('user', 'system', 'assistant')),
          content: mostly(fc.constantFrom('hello', 'endless')),
        }),
        { maxLength: 3 },
      ),
    ),
    id: mostly(generationName),
    model: strange,
    maxTokens: mostly(fc.constantFrom(1, 2)),
    temperature: mostly(fc.constant(0)),
    seed: mostly(fc.constant(7)),
    stop: mostly(fc.constant('two')),
    choices: mostly(fc.constantFrom(1, 2)),
    progressIntervalMs: mostly(fc.constant(0)),
    lastEventId: mostly(eventName),
    stream: fc.constantFrom(true, false),
  },
  { requiredKeys: [] },
);

const responseItem = fc.oneof(
  fc.record({
    role: mostly(fc.constantFrom('user', 'developer', 'assistant')),
    content: mostly(
      fc.oneof(
        fc.constantFrom('hello', 'endless'),
        fc.array(
          fc.record({ type: mostly(fc.constantFrom('input_text', 'output_text')), text: mostly(fc.constant('hello')) }),
          { maxLength: 2 },
        ),
      ),
    ),
  }),
  fc.record({
    type: fc.constant('function_call'),
    call_id: mostly(generationName),
    name: mostly(fc.constant('f')),
    arguments: mostly(fc.constant('{}')),
  }),
  fc.record({
    type: fc.constant('function_call_output'),
    call_id: mostly(generationName),
    output: mostly(fc.constant('x')),
  }),
  fc.record({ type: mostly(fc.constantFrom('reasoning', 'item_reference', 'web_search_call')) }),
);

/** Bodies of `/v1/responses`. */
const responsesInput = fc.record(
  {
    input: mostly(fc.oneof(fc.constantFrom('hello', 'endless'), fc.array(responseItem, { maxLength: 5 }))),
    instructions: mostly(fc.constant('hello')),
    model: strange,
    max_output_tokens: mostly(fc.constantFrom(1, 2, -1)),
    tools: mostly(
      fc.array(
        fc.record({
          type: mostly(fc.constant('function')),
          name: mostly(generationName),
          parameters: mostly(fc.constant({ type: 'object' })),
        }),
        { maxLength: 2 },
      ),
    ),
    tool_choice: mostly(fc.constantFrom('auto', 'required', 'none')),
    text: mostly(fc.record({ format: mostly(fc.constantFrom({ type: 'text' }, { type: 'json_object' })) })),
    include: mostly(fc.constant(['message.output_text.logprobs'])),
    metadata: mostly(fc.constant({ a: 'b' })),
    return_progress: mostly(fc.boolean()),
    stream: fc.constantFrom(true, false),
  },
  { requiredKeys: ['input'] },
);

const messageBlock = fc.oneof(
  fc.record({ type: mostly(fc.constant('text')), text: mostly(fc.constantFrom('hello', 'endless')) }),
  fc.record({
    type: fc.constant('tool_use'),
    id: mostly(generationName),
    name: mostly(generationName),
    input: mostly(fc.constant({ a: 1 })),
  }),
  fc.record(
    {
      type: fc.constant('tool_result'),
      tool_use_id: mostly(generationName),
      content: mostly(fc.constant('x')),
      is_error: mostly(fc.boolean()),
    },
    { requiredKeys: ['type', 'tool_use_id'] },
  ),
  fc.record({ type: mostly(fc.constantFrom('thinking', 'image', 'server_tool_use')), thinking: fc.constant('x') }),
);

/** Bodies of `/v1/messages` and `/v1/messages/count_tokens`. */
const messagesInput = fc.record(
  {
    messages: mostly(
      fc.array(
        fc.record({
          role: mostly(fc.constantFrom('user', 'assistant')),
          content: mostly(fc.oneof(fc.constantFrom('hello', 'endless'), fc.array(messageBlock, { maxLength: 3 }))),
        }),
        { maxLength: 4 },
      ),
    ),
    max_tokens: mostly(fc.constantFrom(1, 2, 100_000)),
    system: mostly(fc.constant('hello')),
    model: strange,
    stop_sequences: mostly(fc.constant(['two'])),
    tools: mostly(
      fc.array(
        fc.record({
          type: mostly(fc.constantFrom('custom', 'web_search_20250305')),
          name: mostly(generationName),
          input_schema: mostly(fc.constant({ type: 'object' })),
        }),
        { maxLength: 2 },
      ),
    ),
    tool_choice: mostly(fc.record({ type: mostly(fc.constantFrom('auto', 'any', 'none', 'tool')) })),
    thinking: mostly(fc.record({ type: mostly(fc.constantFrom('enabled', 'disabled')) })),
    return_progress: mostly(fc.boolean()),
    stream: fc.constantFrom(true, false),
  },
  { requiredKeys: ['messages', 'max_tokens'] },
);

const input = fc.oneof(
  { arbitrary: generateInput, weight: 3 },
  { arbitrary: fc.record({ id: mostly(generationName), lastEventId: mostly(eventName) }), weight: 2 },
  { arbitrary: strange, weight: 1 },
);

const path = fc.oneof(
  fc.constantFrom('generate', 'watch', 'cancel', 'estimate', 'models', 'generations', 'status'),
  fc.constantFrom('', '.', 'generate.x', '__proto__', 'constructor.name', 'toString', 'generate,models', '\u0000'),
);

const callId = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 9 }), weight: 6 }, { arbitrary: strange, weight: 1 });

const call = fc.record(
  {
    id: callId,
    jsonrpc: mostly(fc.constant('2.0')),
    method: mostly(fc.constantFrom('query', 'mutation', 'subscription', 'subscription.stop', 'connectionParams')),
    params: mostly(
      fc.record({ path: mostly(path), input, lastEventId: mostly(eventName) }, { requiredKeys: ['path'] }),
    ),
    data: mostly(fc.record({ apiKey: mostly(fc.constant('none')) })),
  },
  { requiredKeys: ['id', 'method', 'params'] },
);

/** Messages that start and stop calls, with the same few ids. */
const startOrStop = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.boolean(), generationName)
  .map(([id, start, name]) =>
    start
      ? { id, method: 'subscription', params: { path: 'generate', input: { prompt: 'endless', id: name } } }
      : { id, method: 'subscription.stop' },
  );

/** Text with a byte removed, doubled or changed. */
function damaged(text: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(text, fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }), fc.nat({ max: 5 })).map((parts) => {
    const [whole, at, inserted, removed] = parts;
    const from = at % (whole.length + 1);
    return whole.slice(0, from) + inserted + whole.slice(from + removed);
  });
}

const json = (value: unknown): string => JSON.stringify(value) ?? 'null';

const monster = fc.constantFrom(
  '{"id":1e999,"method":"query","params":{"path":"status"}}',
  '{"id":1,"id":2,"method":"query","method":"mutation","params":{"path":"status"}}',
  '{"__proto__":{"id":1},"id":2,"method":"query","params":{"path":"status","__proto__":{"input":1}}}',
  `{"id":1,"method":"mutation","params":{"path":"estimate","input":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
  `{"id":1,"method":"mutation","params":{"path":"estimate","input":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}}`,
  `{"id":1,"method":"mutation","params":{"path":"estimate","input":{"prompt":${json('x'.repeat(200_000))}}}}`,
  `{"id":1,"method":"mutation","params":{"path":"estimate","input":{"prompt":"x","maxTokens":${'9'.repeat(400)}}}}`,
  '['.repeat(20_000),
  `[${'{},'.repeat(900)}{}]`,
  'PING',
  'PONG',
  '',
);

/** A message on a WebSocket. */
export const message: Arbitrary<string | Buffer> = fc.oneof(
  { arbitrary: call.map(json), weight: 10 },
  { arbitrary: startOrStop.map(json), weight: 6 },
  { arbitrary: damaged(call.map(json)), weight: 4 },
  { arbitrary: fc.array(fc.oneof(call, strange), { maxLength: 12 }).map(json), weight: 3 },
  { arbitrary: strange.map(json), weight: 2 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 200 }), weight: 2 },
  { arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
  { arbitrary: monster, weight: 1 },
);

const frameHead = fc.tuple(
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 255 }),
  fc.uint8Array({ maxLength: 14 }),
);

/** Bytes of WebSocket frames: wrong headers, lengths that overflow, empty fragments. */
export const frames: Arbitrary<Buffer> = fc.oneof(
  fc
    .array(frameHead, { minLength: 1, maxLength: 5 })
    .map((heads) => Buffer.concat(heads.map(([first, second, rest]) => Buffer.from([first, second, ...rest])))),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    // Lengths of 2^63 and of 4 GiB, a masked ping of 126 bytes, a close frame of one byte, 16 fragments that never end.
    Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]),
    Buffer.from([0x89, 0xfe, 0, 126, 0, 0, 0, 0]),
    Buffer.from([0x88, 0x81, 0, 0, 0, 0, 0]),
    Buffer.from(Array.from({ length: 16 }, () => [0x01, 0x80, 0, 0, 0, 0]).flat()),
  ),
);

export interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Bodies of `/tokenize` and `/detokenize`. */
const tokensInput = fc.record(
  {
    content: fc.oneof(fc.string({ unit: 'binary' }), strange),
    tokens: fc.oneof(fc.array(fc.integer({ min: -1, max: 300 })), strange),
    add_special: fc.oneof(fc.boolean(), strange),
    with_pieces: fc.oneof(fc.boolean(), strange),
  },
  { requiredKeys: [] },
);

const routes = fc.oneof(
  fc.constantFrom('/v1/models', '/v1/chat/completions', '/v1/generations', '/healthz', '/readyz', '/', '/nothing'),
  fc.constant('/v1/responses'),
  fc.constantFrom('/v1/messages', '/v1/messages/count_tokens'),
  fc.constantFrom('/apply-template', '/v1/apply-template', '/tokenize', '/v1/detokenize'),
  generationName.map((id) => `/v1/generations/${id}`),
  generationName.map((id) => `/v1/generations/${id}/events`),
  path.map((one) => `/trpc/${encodeURIComponent(one)}`),
  fc.webPath().map((one) => (one.startsWith('/') ? one : `/${one}`)),
);

const query = fc.oneof(
  fc.constant(''),
  input.map((one) => `?input=${encodeURIComponent(json(one)).slice(0, 4000)}`),
  fc
    .tuple(fc.array(input, { maxLength: 5 }), path)
    .map(([all]) => `?batch=1&input=${encodeURIComponent(json(Object.fromEntries(all.entries())))}`),
  fc.webQueryParameters().map((one) => `?${one}`),
);

const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });

/** A valid HTTP request with any meaning. */
export const request: Arbitrary<FuzzRequest> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'QUERY'),
  // Longer ones are not valid HTTP; the byte inputs hold such.
  path: fc.tuple(routes, query).map(([route, rest]) => (route + rest).slice(0, 8000)),
  headers: fc
    .record(
      {
        'content-type': fc.oneof(
          { arbitrary: fc.constant('application/json'), weight: 6 },
          { arbitrary: headerText, weight: 1 },
        ),
        accept: fc.constantFrom('text/event-stream', 'application/json', '*/*', ';;;'),
        'last-event-id': fc.oneof(eventName, headerText),
        'x-headway-resume': fc.constantFrom('1', '0'),
        'trpc-accept': fc.constantFrom('application/jsonl', 'x'),
        authorization: headerText,
        origin: fc.constantFrom('http://evil.example', 'null', ''),
      },
      { requiredKeys: ['content-type'] },
    )
    // Rarely a foreign Origin, because the gateway refuses it before anything else.
    .chain(({ origin, ...headers }) =>
      fc.oneof(
        { arbitrary: fc.constant(headers), weight: 9 },
        { arbitrary: fc.constant(origin === undefined ? headers : { ...headers, origin }), weight: 1 },
      ),
    ),
  body: fc.oneof(
    { arbitrary: generateInput.map(json), weight: 4 },
    { arbitrary: responsesInput.map(json), weight: 2 },
    { arbitrary: messagesInput.map(json), weight: 2 },
    { arbitrary: tokensInput.map(json), weight: 1 },
    { arbitrary: damaged(generateInput.map(json)), weight: 2 },
    { arbitrary: strange.map(json), weight: 2 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 100 }), weight: 1 },
  ),
});

const requestText = request.map(({ method, path: target, headers, body }) => {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
});

/** Bytes on a connection that may or may not be HTTP. */
export const bytes: Arbitrary<Buffer> = fc.oneof(
  damaged(requestText).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((all) => Buffer.from(all)),
  fc
    .constantFrom(
      'GET / HTTP/9.9\r\n\r\n',
      'GET /trpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET /trpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      'POST /v1/generations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n',
      'POST /v1/generations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n',
      'POST /v1/generations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\nGET /',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    )
    .map((text) => Buffer.from(text)),
);
