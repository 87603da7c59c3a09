import type { StreamedTurn, ThirdPartyClient, ToolTurn, Turn } from '../third-party-client.ts';
import { weather } from '../weather-tool.ts';

/** A response with an error status instead of a stream, and its body. */
export class RefusedError extends Error {
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    super(`refused with status ${status}: ${body}`);
    this.name = 'RefusedError';
    this.status = status;
    this.body = body;
  }
}

export interface ChatRequest {
  url: string;
  /** JSON. */
  body: string;
  signal?: AbortSignal;
  /** Receives the data of each message of the stream. */
  onData: (data: string) => void;
}

/** Sends a request and reads its stream to the end. @throws RefusedError if the response is not a stream */
export type ReadStream = (request: ChatRequest) => Promise<void>;

interface Delta {
  content?: string | null;
  tool_calls?: { id?: string; function: { name?: string; arguments: string } }[];
}

/** A client over a library, or a language's HTTP client, that delivers the messages and does not interpret them. */
export function chatByHand({
  name,
  version,
  read,
}: {
  name: string;
  version: string;
  read: ReadStream;
}): ThirdPartyClient {
  return {
    name,
    version,
    surface: 'chat',
    async streamTurn(turn): Promise<StreamedTurn> {
      const deltas = await ask(read, turn, { messages: [{ role: 'user', content: turn.prompt }] });
      const pieces = deltas.flatMap(({ content }) => content || []);
      return { text: pieces.join(''), pieces: pieces.length };
    },
    async toolTurn(turn): Promise<ToolTurn> {
      const { result, ...tool } = weather;
      const tools = [{ type: 'function', function: tool }];
      const question = { role: 'user', content: turn.prompt };
      const first = await ask(read, turn, {
        messages: [question],
        tools,
        tool_choice: 'required',
        parallel_tool_calls: false,
      });
      const call = callIn(first);
      const answered = [
        question,
        { role: 'assistant', content: null, tool_calls: [{ id: call.id, type: 'function', function: call }] },
        { role: 'tool', tool_call_id: call.id, content: result },
      ];
      const second = await ask(read, turn, { messages: answered, tools, tool_choice: 'none' });
      return {
        call: { name: call.name, arguments: JSON.parse(call.arguments) as unknown },
        result,
        text: second.map(({ content }) => content ?? '').join(''),
      };
    },
    isOverflow: (error) =>
      error instanceof RefusedError &&
      error.status === 400 &&
      (JSON.parse(error.body) as { error: { code: string } }).error.code === 'context_length_exceeded',
  };
}

async function ask(read: ReadStream, { baseURL, model, maxTokens, signal }: Turn, rest: object): Promise<Delta[]> {
  const deltas: Delta[] = [];
  let ended = false;
  await read({
    url: `${baseURL}/chat/completions`,
    body: JSON.stringify({ model, stream: true, temperature: 0, max_tokens: maxTokens, ...rest }),
    signal,
    onData: (data) => {
      ended = data === '[DONE]';
      if (!ended)
        deltas.push(...(JSON.parse(data) as { choices: { delta: Delta }[] }).choices.map(({ delta }) => delta));
    },
  });
  if (!ended) throw new Error('the stream broke off');
  return deltas;
}

function callIn(deltas: readonly Delta[]) {
  const calls = deltas.flatMap(({ tool_calls: pieces = [] }) => pieces);
  return {
    id: calls[0]?.id ?? '',
    name: calls[0]?.function.name ?? '',
    arguments: calls.map((piece) => piece.function.arguments).join(''),
  };
}
