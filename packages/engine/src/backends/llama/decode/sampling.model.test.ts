import type { GenerateInput, TokenEvent } from '@headway/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Engine } from '../../../port/engine.ts';
import { openEmbeddedEngine } from '../embedded-model.fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEmbeddedEngine({ parallel: 2, contextSize: 1024 });
});
afterAll(async () => {
  await engine.close();
});

const raw: GenerateInput = {
  prompt: 'The fox and the owl sat by the river. The fox',
  temperature: 0,
  maxTokens: 120,
  ignoreEos: true,
};
const chat: GenerateInput = {
  messages: [{ role: 'user', content: 'Tell me a story about a fox.' }],
  temperature: 0,
  maxTokens: 120,
  ignoreEos: true,
};

const idsOf = async (text: string) => (await engine.tokenize({ text })).map(({ id }) => id);
const write = (input: GenerateInput) => engine.generate(input).text();

describe.each([
  ['a raw prompt', raw],
  ['a chat', chat],
])('of %s', (_, input) => {
  it.each([{ presencePenalty: 2 }, { frequencyPenalty: 2 }, { frequencyPenalty: -2 }, { repeatPenalty: 1.5 }])(
    '%j changes the text at temperature 0, in the same way with log-probabilities',
    async (penalty) => {
      const plain = await write(input);
      const punished = await write({ ...input, ...penalty });
      expect(punished).not.toBe(plain);
      expect(await write({ ...input, ...penalty, logprobs: 2 })).toBe(punished);
    },
  );

  it('a token with the lowest bias never comes, with log-probabilities or without', async () => {
    const [was] = await idsOf(' was');
    expect(await write(input)).toContain(' was');
    for (const hot of [{}, { temperature: 2, topK: 0, topP: 1, minP: 0, seed: 3 }, { repeatPenalty: 1e-300 }]) {
      const ruled = { ...input, logitBias: { [was ?? -1]: -100 }, ...hot };
      for (const asked of [ruled, { ...ruled, logprobs: 1 }]) {
        const text = await write(asked);
        expect(text.length).toBeGreaterThan(100);
        expect(await idsOf(text)).not.toContain(was);
      }
    }
  });

  it('a token with the highest bias is the only one written', async () => {
    const [owl] = await idsOf(' owl');
    const biased = { ...input, maxTokens: 5, logitBias: { [owl ?? -1]: 100 } };
    expect(await write(biased)).toBe(' owl'.repeat(5));
    expect(await write({ ...biased, temperature: 1, logprobs: 0 })).toBe(' owl'.repeat(5));
  });

  it('a bias on the end tokens ends the answer, unless ignoreEos is set', async () => {
    const logitBias = Object.fromEntries((await endTokens()).map((id) => [id, 100]));
    expect(await write({ ...input, logitBias, ignoreEos: false })).toBe('');
    expect(await write({ ...input, logitBias })).toBe(await write(input));
  });

  it('log-probabilities include biases', async () => {
    const first = async (rest: Partial<GenerateInput>) =>
      (await tokensOf({ ...input, maxTokens: 1, logprobs: 20, ...rest }))[0]?.logprobs?.[0]?.top ?? [];
    const [best, next] = await first({});
    const [id] = await idsOf(best?.token ?? '');
    const biased = await first({ logitBias: { [id ?? -1]: -3 } });
    expect(biased.length).toBe(20);
    const gap = (best?.logprob ?? 0) - (next?.logprob ?? 0);
    const of = (token: string | undefined) => biased.find((one) => one.token === token)?.logprob ?? Number.NaN;
    expect(of(best?.token) - of(next?.token)).toBeCloseTo(gap - 3, 3);
  });
});

it('a penalty makes fewer tokens repeat, and a negative one more', async () => {
  const repeats = async (rest: Partial<GenerateInput>) => {
    const ids = await idsOf(await write({ ...raw, ...rest }));
    return ids.filter((id, at) => ids.slice(Math.max(0, at - 64), at).includes(id)).length;
  };
  const plain = await repeats({});
  for (const penalty of [{ presencePenalty: 2 }, { frequencyPenalty: 2 }, { repeatPenalty: 1.5 }])
    expect(await repeats(penalty)).toBeLessThan(plain);
  for (const reward of [{ presencePenalty: -2 }, { frequencyPenalty: -2 }])
    expect(await repeats(reward)).toBeGreaterThan(plain);
});

it('a format takes precedence over a bias against all that it allows', async () => {
  const logitBias = Object.fromEntries((await idsOf('{}[]"0123456789-+ \n')).map((id) => [id, -100]));
  for (const rest of [{ temperature: 0 }, { temperature: 1, seed: 1 }, { temperature: 0, logprobs: 1 }]) {
    const schema = { type: 'integer', minimum: 10, maximum: 99 };
    const text = await write({
      ...chat,
      ignoreEos: false,
      responseFormat: { type: 'json', schema },
      logitBias,
      ...rest,
    });
    expect(text).toMatch(/^[1-9]\d$/);
  }
});

it("a penalty counts a token's occurrences among the last 64 tokens, prompt included", async () => {
  const prompt = `The fox was in a barn.${' The owl was not sad, just a bit tired, and the owl was not all alone.'.repeat(5)} It was`;
  const last = (await idsOf(prompt)).slice(-64);
  // Tokens from memory change the probabilities, too.
  const alike = { prompt, temperature: 0, maxTokens: 1, logprobs: 20, cachePrompt: false };
  const top = async (rest: Partial<GenerateInput>) => {
    const [token] = await tokensOf({ ...alike, ...rest });
    return new Map(token?.logprobs?.[0]?.top.map((one) => [one.token, one.logprob]));
  };
  const [plain, punished] = [await top({}), await top({ presencePenalty: 0.75, frequencyPenalty: 0.5 })];
  const both = [...plain.keys()].filter((token) => punished.has(token));
  const off = await Promise.all(
    both.map(async (token) => {
      const [id] = await idsOf(token);
      const count = last.filter((one) => one === id).length;
      return { token, count, off: (plain.get(token) ?? 0) - (punished.get(token) ?? 0) };
    }),
  );
  // All unpenalized tokens gain alike what the others lost.
  const gain = off.find(({ count }) => count === 0)?.off ?? Number.NaN;
  for (const { count, off: taken } of off) expect(taken - gain).toBeCloseTo(count === 0 ? 0 : 0.75 + count * 0.5, 2);
  expect(new Set(off.map(({ count }) => count)).size).toBeGreaterThan(2);
});

it('a temperature next to 0 takes the likeliest token', async () => {
  const cold = await write(raw);
  for (const temperature of [Number.MIN_VALUE, 1e-40, 1e-12, 0.000_099]) {
    expect(await write({ ...raw, temperature, topK: 0, topP: 1, minP: 0 })).toBe(cold);
    expect(await write({ ...raw, temperature, topK: 0, topP: 1, minP: 0, logprobs: 0 })).toBe(cold);
  }
  expect(await write({ ...raw, temperature: 2, seed: 1, topP: Number.MIN_VALUE, topK: 0, minP: 0 })).toBe(cold);
});

it('a logitBias of a token that the model lacks is refused at admission, and named', async () => {
  const { admitted } = engine.generate({ ...raw, logitBias: { 5: 1, 99_999_999: 1 } });
  await expect(admitted).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringMatching(/^logitBias\.99999999: 99999999 is not in the vocabulary; its tokens are 0 to \d+$/),
  });
});

async function tokensOf(input: GenerateInput): Promise<TokenEvent[]> {
  const tokens: TokenEvent[] = [];
  for await (const event of engine.generate(input)) {
    if (event.type === 'error') throw new Error(event.message);
    if (event.type === 'token') tokens.push(event);
  }
  return tokens;
}

/** The tokens with which the model ends an answer or a text. */
async function endTokens(): Promise<number[]> {
  const ends = await Promise.all(['<|im_end|>', '<|endoftext|>'].map(idsOf));
  return ends.filter((ids) => ids.length === 1).flat();
}
