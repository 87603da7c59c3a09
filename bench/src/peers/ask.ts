import { request } from 'node:http';

import { createParser } from 'eventsource-parser';

/** An answer as its client saw it. Times are in ms from the request. */
export interface Answer {
  promptTokens: number;
  tokens: number;
  /** When text arrived, the first one first. */
  arrivals: readonly number[];
  /** When anything arrived that says where the request stands: progress, or text. */
  feedback: readonly number[];
  /** `performance.now()` when the request was sent. */
  sentAt: number;
}

export interface AskOptions {
  maxTokens: number;
  signal?: AbortSignal;
  onFeedback?: () => void;
  /** Called for each piece of text. */
  onText?: () => void;
}

interface Chunk {
  error?: unknown;
  choices?: { delta?: { content?: string | null; reasoning_content?: string | null } }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}

/**
 * Sends a prompt to `/v1/chat/completions` and reads the stream. Always the likeliest token, no end before `maxTokens`,
 * progress on request.
 *
 * @throws Error when the server answers with an error; the signal's reason once it has fired
 */
export function ask(url: string, prompt: string, options: AskOptions): Promise<Answer> {
  const { maxTokens, signal, onFeedback, onText } = options;
  const body = JSON.stringify({
    model: 'default',
    messages: [{ role: 'user', content: prompt }],
    max_tokens: maxTokens,
    temperature: 0,
    seed: 1,
    ignore_eos: true,
    stream: true,
    stream_options: { include_usage: true },
    return_progress: true,
  });
  return new Promise((resolve, reject) => {
    const sentAt = performance.now();
    const arrivals: number[] = [];
    const feedback: number[] = [];
    let usage: Chunk['usage'];
    const read = (data: string) => {
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data) as Chunk;
      if (chunk.error) throw new Error(`${url}: ${JSON.stringify(chunk.error)}`);
      usage = chunk.usage ?? usage;
      const delta = chunk.choices?.[0]?.delta;
      const at = performance.now() - sentAt;
      const isText = Boolean(delta?.content || delta?.reasoning_content);
      if (isText) arrivals.push(at);
      if (!isText && !('prompt_progress' in chunk)) return;
      feedback.push(at);
      onFeedback?.();
      if (isText) onText?.();
    };
    const call = request(
      `${url}/v1/chat/completions`,
      // A connection of its own: llama-server closes idle ones, also while a request is on its way.
      { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false, ...(signal && { signal }) },
      (response) => {
        const parser = createParser({ onEvent: ({ data }) => read(data) });
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          if (response.statusCode !== 200) text += part;
          else
            try {
              parser.feed(part);
            } catch (thrown) {
              response.destroy(thrown as Error);
            }
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200) return reject(new Error(`${url}: ${response.statusCode} ${text}`));
          if (!usage || arrivals.length === 0) return reject(new Error(`${url}: the answer has no text or no usage`));
          const { prompt_tokens: promptTokens, completion_tokens: tokens } = usage;
          resolve({ promptTokens, tokens, arrivals, feedback, sentAt });
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** From the request to the first text, in ms. */
export const firstTextMs = ({ arrivals }: Answer): number => arrivals[0] ?? Number.NaN;

/** The longest time between two of these, in ms. */
export function longestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)));
}
