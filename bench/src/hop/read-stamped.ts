import { request } from 'node:http';

import { nowUs, stamps } from '../gateway/stamped-backend.ts';

export interface ReadStampedOptions {
  everyMs: number;
  tokens: number;
  /** Called for each token. `lateUs`: from writing to arrival; `number`: 0 for the first. */
  onToken: (number: number, lateUs: number) => void;
}

/**
 * Streams one answer of `stamped-upstream.ts`, directly or through a gateway.
 *
 * @throws Error when it fails, or when a token is missing or out of order
 */
export function readStamped(url: string, { everyMs, tokens, onToken }: ReadStampedOptions): Promise<void> {
  const body = JSON.stringify({
    model: 'stamped',
    messages: [{ role: 'user', content: String(everyMs) }],
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: tokens,
  });
  return new Promise((resolve, reject) => {
    let received = 0;
    const read = (data: string) => {
      const { choices, error } = JSON.parse(data) as {
        choices?: { delta: { content?: string | null } }[];
        error?: { message: string };
      };
      if (error) throw new Error(error.message);
      const now = nowUs();
      for (const { number, atUs } of stamps(choices?.[0]?.delta.content ?? '')) {
        if (number !== received) throw new Error(`token ${number} came where ${received} was due`);
        received++;
        onToken(number, now - atUs);
      }
    };
    const headers = { 'content-type': 'application/json' };
    const call = request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        const lines = (text + part).split('\n');
        text = lines.pop() ?? '';
        try {
          for (const line of lines) if (line.startsWith('data: {')) read(line.slice('data: '.length));
        } catch (thrown) {
          response.destroy(thrown as Error);
        }
      });
      response.on('error', reject).on('end', () => {
        if (received === tokens) resolve();
        else reject(new Error(`${url}: HTTP ${response.statusCode}, ${received} of ${tokens} tokens. ${text}`));
      });
    });
    call.on('error', reject).end(body);
  });
}
