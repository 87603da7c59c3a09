import { createApiKey } from '@headway/gateway';
import { expect, test } from 'vitest';

import { startServe } from './serve-process.ts';
import { ask, bearer, errorCodeOf, post } from './wire.ts';

/** The most expensive texts for tokenizers, 600 kB each. */
const worst = ['\ue123', 'a', ' ', '\n', '\u0301', '7', '<|im_start|>'].map((unit) =>
  unit.repeat(Math.ceil(600_000 / unit.length)),
);

const inline = { engine: 'inline' } as const;

test.each([{ engine: 'isolated' } as const, inline])(
  'texts that are expensive to tokenize delay neither other keys nor the gateway ($engine)',
  { timeout: 300_000 },
  async ({ engine }) => {
    const [mine, theirs] = [createApiKey(), createApiKey()];
    await using served = await startServe(
      '--engine',
      engine,
      '--parallel',
      '2',
      '--ctx',
      '512',
      '--api-key',
      mine,
      '--api-key',
      theirs,
    );
    const { url } = served;
    let pending = 0;
    let refused = 0;
    const hostile = async (text: string, path: string, body: (text: string) => object) => {
      pending++;
      const { status, body: answer } = await ask(`${url}${path}`, post(body(text), bearer(mine)));
      pending--;
      refused++;
      expect([status, errorCodeOf(answer)]).toEqual([400, 'context_length_exceeded']);
    };
    const chat = (content: string) => ({ messages: [{ role: 'user', content }] });
    const flood = worst.flatMap((text) => [
      hostile(text, '/v1/chat/completions', chat),
      hostile(text, '/v1/completions', (prompt) => ({ prompt })),
    ]);
    const all = Promise.all(flood);
    // Without tokenizing in pieces this took 10 s, or a hang that ended the engine.
    let meanwhile = 0;
    while (pending > 0) {
      const honest = await ask(
        `${url}/v1/chat/completions`,
        post({ ...chat('Hello!'), max_tokens: 2 }, bearer(theirs)),
      );
      expect(honest.status).toBe(200);
      if (pending > 0) meanwhile++;
    }
    await all;
    expect(meanwhile).toBeGreaterThan(0);
    expect(refused).toBe(flood.length);
    expect((await ask(`${url}/readyz`)).status).toBe(200);
    expect(served.output.stderr).not.toContain('the engine');
  },
);
