import { shapeOf, type Shape } from './shape.ts';

/** What a server answered, without what differs from time to time. */
export interface ExchangeRecord {
  status: number;
  server: string | null;
  contentType: string | null;
  /** The form of the body; of a stream, those of its events in order, without repeats. A line that is no JSON is itself. */
  body: Shape | (Shape | string)[];
}

interface Exchange {
  method: 'GET' | 'POST';
  path: string;
  body?: object | string;
}

const chat = {
  messages: [{ role: 'user', content: 'Say hello to the world, twice, and explain why.' }],
  max_tokens: 4,
  temperature: 0,
};
const text = { prompt: 'Once upon a time', max_tokens: 4, temperature: 0 };
const logprobs = { logprobs: true, top_logprobs: 2 };
const progress = { stream: true, return_progress: true };
const usage = { stream_options: { include_usage: true } };
const post = (path: string, body: object | string): Exchange => ({ method: 'POST', path, body });
const get = (path: string): Exchange => ({ method: 'GET', path });

/** Requests to a llama-server with one model and a context of 2,048 tokens for each slot, in this order. */
export const exchanges: Record<string, Exchange> = {
  health: get('/health'),
  props: get('/props'),
  models: get('/v1/models'),
  'slots before any request': get('/slots'),
  'chat stream with all extras': post('/v1/chat/completions', {
    ...chat,
    ...progress,
    ...usage,
    timings_per_token: true,
  }),
  'chat stream with progress': post('/v1/chat/completions', { ...chat, ...progress }),
  'chat stream': post('/v1/chat/completions', { ...chat, stream: true }),
  'chat stream with logprobs': post('/v1/chat/completions', { ...chat, ...logprobs, stream: true }),
  chat: post('/v1/chat/completions', chat),
  'chat with logprobs': post('/v1/chat/completions', { ...chat, ...logprobs }),
  'chat of two choices': post('/v1/chat/completions', { ...chat, n: 2 }),
  'text stream with all extras': post('/v1/completions', { ...text, ...progress, ...usage, timings_per_token: true }),
  'text stream': post('/v1/completions', { ...text, stream: true }),
  text: post('/v1/completions', text),
  'slots after requests': get('/slots'),
  tokenize: post('/tokenize', { content: 'Hello world' }),
  'tokenize with pieces': post('/tokenize', { content: 'Hello world', with_pieces: true }),
  detokenize: post('/detokenize', { tokens: [101, 102] }),
  'apply template': post('/apply-template', { messages: chat.messages }),
  'input tokens': post('/v1/chat/completions/input_tokens', chat),
  'too long': post('/v1/chat/completions', {
    ...chat,
    messages: [{ role: 'user', content: 'word '.repeat(4_000) }],
    stream: true,
  }),
  'too many choices': post('/v1/chat/completions', { ...chat, n: 3 }),
  'no messages': post('/v1/chat/completions', { messages: 'none' }),
  'broken JSON': post('/v1/chat/completions', '{bad'),
  'unknown path': get('/version'),
};

/** Makes all the exchanges with the server at an address. */
export async function recordExchanges(url: string): Promise<Record<string, ExchangeRecord>> {
  const records: Record<string, ExchangeRecord> = {};
  for (const [name, exchange] of Object.entries(exchanges)) records[name] = await recordExchange(url, exchange);
  return records;
}

export async function recordExchange(url: string, { method, path, body }: Exchange): Promise<ExchangeRecord> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const contentType = response.headers.get('content-type');
  return {
    status: response.status,
    server: response.headers.get('server'),
    contentType,
    body: contentType?.startsWith('text/event-stream')
      ? eventShapes(await response.text())
      : shapeOf(await response.json()),
  };
}

function eventShapes(stream: string): (Shape | string)[] {
  const shapes: (Shape | string)[] = [];
  for (const event of stream.split('\n\n')) {
    if (event === '') continue;
    const data = event.replace(/^data: /, '');
    const shape = data.startsWith('{') ? shapeOf(JSON.parse(data)) : event;
    if (JSON.stringify(shape) !== JSON.stringify(shapes.at(-1))) shapes.push(shape);
  }
  return shapes;
}
