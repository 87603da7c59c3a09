import { HeadwayError, type TokenLogprob, type ToolCall } from '@headway/protocol';

import { createToolCallId } from '../../../backend/create-tool-call-id.ts';
import { readLogprobs } from './read-logprobs.ts';
import type { AnswerReader, StreamItem, UpstreamSignal } from './upstream-signal.ts';

export interface OllamaReaderOptions {
  /** The request's choice that the answer is. */
  choice: number;
  /** Whether log-probabilities were asked for. */
  logprobs: boolean;
}

/** A line of `api/chat`, or of `api/generate`, which has the text beside the message's place. */
interface Line {
  message?: { content?: string; thinking?: string; tool_calls?: ListedCall[] };
  response?: string;
  thinking?: string;
  logprobs?: unknown;
  done?: boolean;
  done_reason?: string;
  prompt_eval_count?: number;
  eval_count?: number;
  error?: unknown;
}

interface ListedCall {
  id?: string;
  function?: { name?: string; arguments?: unknown };
}

/** Reads the lines of Ollama's own API, where tool calls come whole. */
export class OllamaReader implements AnswerReader {
  readonly #options: OllamaReaderOptions;
  readonly #calls: ToolCall[] = [];
  /** Log-probabilities of tokens that no piece has told yet, such as half a character. */
  #untold: TokenLogprob[] = [];

  constructor(options: OllamaReaderOptions) {
    this.#options = options;
  }

  *read(item: StreamItem): Generator<UpstreamSignal> {
    if (item.kind === 'comment') return;
    const line = parse(item.data);
    if (line.error !== undefined) {
      yield { type: 'failed', said: line };
      return;
    }
    yield* this.#pieces(line);
    if (line.done) yield* this.#end(line);
  }

  *#pieces({ message, response, thinking, logprobs }: Line): Generator<UpstreamSignal> {
    const { choice } = this.#options;
    const listed = this.#options.logprobs ? readLogprobs({ content: logprobs }) : null;
    let count = this.#untold.length + (listed?.length ?? 1);
    this.#untold.push(...(listed ?? []));
    const piece = (text: string, more: Pick<PieceOf, 'channel' | 'toolCall'>): UpstreamSignal => {
      const told = { text, count, ...more, ...((listed || this.#untold.length > 0) && { logprobs: this.#untold }) };
      this.#untold = [];
      count = 0;
      return { type: 'piece', choice, piece: told };
    };
    const thought = message?.thinking ?? thinking;
    const content = message?.content ?? response;
    if (thought) yield piece(thought, { channel: 'reasoning' });
    if (content) yield piece(content, { channel: 'content' });
    for (const { id, function: called } of message?.tool_calls ?? []) {
      const call = {
        id: id || createToolCallId(),
        name: called?.name ?? '',
        arguments: JSON.stringify(called?.arguments ?? {}),
      };
      const head = { index: this.#calls.length, id: call.id, name: call.name };
      this.#calls.push(call);
      yield piece(call.arguments, { channel: 'tool-call', toolCall: head });
    }
  }

  *#end(line: Line): Generator<UpstreamSignal> {
    const { choice } = this.#options;
    const reason = line.done_reason === 'length' ? 'length' : this.#calls.length > 0 ? 'tool-calls' : 'stop';
    yield { type: 'choice-end', choice, end: { reason, toolCalls: this.#calls } };
    const usage = {
      promptTokens: line.prompt_eval_count ?? null,
      cachedTokens: null,
      completionTokens: line.eval_count ?? null,
      choice,
      last: true,
    };
    yield { type: 'usage', usage };
    yield { type: 'end' };
  }
}

type PieceOf = (UpstreamSignal & { type: 'piece' })['piece'];

function parse(data: string): Line {
  try {
    return (JSON.parse(data) ?? {}) as Line;
  } catch {
    throw new HeadwayError('upstream-failed', 'the upstream sent a line that is not JSON; send the request again');
  }
}
