// oxlint-disable vitest/no-conditional-expect -- what a test expects depends on what the model says it can do
import {
  isHeadwayError,
  overflowOf,
  type GenerateInput,
  type GenerationEvent,
  type ModelInfo,
  type RemoteModel,
} from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Engine } from '../port/engine.ts';

export interface ContractSubject {
  /** Opens an engine with the backend, two slots and a context of at least 4,096 tokens. */
  open: () => Promise<Engine>;
  /** A text of at least this many tokens, different for each `seed`. */
  text: (tokens: number, seed: number) => string;
  /** Most prefill events that may follow a cancel; more for a backend in another process. @default 1 */
  lateEvents?: number;
}

/**
 * The tests that every backend must pass, run through an engine. What a model that another server runs cannot do, it says
 * itself (`ModelInfo.remote`); a test then expects the refusal, or what is left of the promise.
 */
export function describeBackend(name: string, { open, text, lateEvents = 1 }: ContractSubject): void {
  describe(`the backend ${name}`, () => {
    let engine: Engine;
    let model: ModelInfo | undefined;
    beforeAll(async () => {
      engine = await open();
      [model] = await engine.models();
    });
    const can = (what: keyof RemoteModel['capabilities']) => model?.remote?.capabilities[what] ?? true;
    const has = (field: string) => !model?.remote?.lacks.includes(field);
    const tellsProgress = () => model?.remote?.progress !== 'estimated';
    afterAll(async () => {
      await engine.close();
    });

    /** Makes answers long, where the model can be asked to; the answers of other subjects are long by themselves. */
    const endless = (): Partial<GenerateInput> => (has('ignoreEos') ? { ignoreEos: true } : {});
    /** Tokens of prompt and answer, which some servers tell in a refusal only. */
    const contextSizeOf = async (): Promise<number> => {
      if (model?.contextSize) return model.contextSize;
      const refusal = (await collect(engine.generate(chat(text(40_000, 10))))).at(-1);
      return (refusal?.type === 'error' && overflowOf(refusal)?.contextSize) || 0;
    };

    const chat = (content: string, rest: Partial<GenerateInput> = {}): GenerateInput => ({
      messages: [{ role: 'user', content }],
      temperature: 0,
      maxTokens: 24,
      ...rest,
    });

    it('reports a chat in order: prefill in at least 10 steps, tokens, done', async () => {
      const events = await collect(engine.generate(chat(text(1500, 1))));
      expect(invariantViolations(events)).toEqual([]);
      const prefill = events.flatMap((event) => (event.type === 'prefill' && event.phase === 'prefill' ? [event] : []));
      expect(prefill.length).toBeGreaterThanOrEqual(tellsProgress() ? 10 : 2);
      expect(new Set(prefill.map(({ estimated }) => estimated))).toEqual(new Set([!tellsProgress()]));
      expect(events.some((event) => event.type === 'token')).toBe(true);
      const end = events.at(-1);
      if (end?.type !== 'done') throw new Error(`ended by ${JSON.stringify(end)}`);
      expect(end.timings.timeToFirstTokenMs).toBeGreaterThan(0);
      expect(end.timings.prefillMs + end.timings.decodeMs).toBeGreaterThan(0);
    });

    it('tells how far each span of a request is read, to its end before the first token', async () => {
      const documents = [700, 60, 500].map((tokens, at) => text(tokens, 40 + at).trim());
      const spans: NonNullable<GenerateInput['spans']> = [];
      let content = 'Read:';
      for (const [at, document] of documents.entries()) {
        const start = content.length + 2;
        content += `\n\n${document}`;
        spans.push({ name: `${at}.txt`, start, end: content.length });
      }
      const input = chat(content, { spans, maxTokens: 2 });
      const forecast = (await engine.estimate(input)).spans ?? [];
      const events = await collect(engine.generate(input));
      expect(invariantViolations(events)).toEqual([]);
      const told = events.flatMap((event) => (event.type === 'span' ? [event] : []));
      const ends = documents.map((_, at) => told.findLast(({ number }) => number === at + 1));
      expect(ends).toMatchObject(spans.map(({ name }, at) => ({ name, number: at + 1, of: 3 })));
      const totals = ends.map((span) => span?.total ?? 0);
      const prompt = events.find((event) => event.type === 'prefill' && event.phase === 'prefill');
      // What is not in a document is the frame around them.
      const share = totals.reduce((sum, total) => sum + total) / (prompt?.type === 'prefill' ? (prompt.total ?? 0) : 0);
      expect(share).toBeGreaterThan(0.9);
      expect(share).toBeLessThanOrEqual(1);
      expect(totals[0]).toBeGreaterThan(1.1 * (totals[2] ?? 0));
      expect(totals[2]).toBeGreaterThan(5 * (totals[1] ?? 0));
      expect(forecast.map(({ name }) => name)).toEqual(spans.map(({ name }) => name));
      if (can('tokenCounts')) expect(forecast.map(({ tokens }) => tokens)).toEqual(totals);
      expect(new Set(told.map(({ estimated = false }) => estimated)).size).toBe(1);
      if (tellsProgress()) expect(told.filter(({ number }) => number === 1).length).toBeGreaterThan(3);
      const plain = await collect(engine.generate(chat(content, { maxTokens: 2 })));
      expect(plain.some((event) => event.type === 'span')).toBe(false);
    });

    it('tells which part of a span is reused', async () => {
      if (!can('cachePerOwner') || !tellsProgress()) return;
      const document = text(600, 50).trim();
      const ask = async (end: string) => {
        const content = `${document}\n\n${end}`;
        const spans = [
          { name: 'a.txt', start: 0, end: document.length },
          { name: 'question', start: document.length + 2, end: content.length },
        ];
        const events = await collect(engine.generate(chat(content, { spans, maxTokens: 1 }), { owner: 'reader' }));
        expect(invariantViolations(events)).toEqual([]);
        return [1, 2].map((number) => events.findLast((event) => event.type === 'span' && event.number === number));
      };
      const [before] = await ask('What is it about?');
      expect(before).toMatchObject({ cached: 0 });
      const [again, question] = await ask('Who wrote it?');
      if (again?.type !== 'span' || question?.type !== 'span') throw new Error('no spans');
      expect(again.cached).toBe(again.total);
      expect(question.cached).toBeLessThan(question.total);
    });

    it('continues a raw prompt', async () => {
      const events = await collect(
        engine.generate({ prompt: 'Once upon a time', maxTokens: 8, ...endless(), temperature: 0 }),
      );
      expect(invariantViolations(events)).toEqual([]);
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length', usage: { completionTokens: 8 } });
    });

    it('writes the same text for the same request and seed', async () => {
      const input = chat('What is prefill?', { temperature: 0.8, seed: 42 });
      expect(await engine.generate(input).text()).toBe(await engine.generate(input).text());
    });

    it('writes exactly maxTokens tokens with ignoreEos', async () => {
      const answer = engine.generate(chat('Hello!', { maxTokens: 60, ignoreEos: true }));
      if (!has('ignoreEos')) {
        await expect(answer.result()).rejects.toMatchObject({
          code: 'invalid-request',
          message: expect.stringMatching(/^ignoreEos: /),
        });
        return;
      }
      const result = await answer.result();
      expect(result).toMatchObject({ finishReason: 'length', usage: { completionTokens: 60 } });
    });

    it('ends before a stop string and leaves it out of the text and the counts', async () => {
      const whole = await engine.generate(chat('What is prefill?', { maxTokens: 40 })).result();
      const words = whole.text.split(' ');
      const stop = ` ${words[4]}`;
      const events = await collect(
        engine.generate(chat('What is prefill?', { maxTokens: 40, stop: [stop, 'never in it'] })),
      );
      expect(invariantViolations(events)).toEqual([]);
      expect(textOf(events)).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
      const told = can('stopString') && { stopString: stop };
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop', ...told });
      expect(events.at(-1)).toHaveProperty('usage.completionTokens', countOf(events));
      expect(countOf(events)).toBeLessThan(whole.usage.completionTokens);
    });

    it('returns one log-probability per token with logprobs, and none without', async () => {
      const input = chat('What is prefill?', { maxTokens: 20 });
      const tokens = async (rest: Partial<GenerateInput>) =>
        (await collect(engine.generate({ ...input, ...rest }))).flatMap((event) =>
          event.type === 'token' ? [event] : [],
        );
      const withLogprobs = await tokens({ logprobs: 0 });
      expect(withLogprobs.length).toBeGreaterThan(0);
      for (const { count, logprobs } of withLogprobs) expect(logprobs?.length).toBe(count);
      const without = await tokens({});
      expect(without.map(({ text: piece }) => piece)).toEqual(withLogprobs.map(({ text: piece }) => piece));
      expect(without.some((event) => 'logprobs' in event)).toBe(false);
    });

    it('keeps the beginning of a stop string in the text when maxTokens ends the answer', async () => {
      const whole = await engine.generate(chat('Tell me a story.', { maxTokens: 12, ...endless() })).result();
      const stop = [`${whole.text.slice(-8)}ZZZ`];
      const events = await collect(engine.generate(chat('Tell me a story.', { maxTokens: 12, ...endless(), stop })));
      expect(invariantViolations(events, { maxTokens: 12 })).toEqual([]);
      expect(textOf(events)).toBe(whole.text);
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'length', usage: { completionTokens: 12 } });
    });

    it('stops within one chunk when cancelled during prefill, and a retry reuses the tokens read', async () => {
      const input = chat(text(3000, 2));
      const generation = engine.generate(input);
      const events: GenerationEvent[] = [];
      let afterCancel = 0;
      // An estimate may stand still until the prompt has been read.
      const share = tellsProgress() ? 0.5 : 0;
      for await (const event of generation) {
        if (events.at(-1) && isPast(events.at(-1), share)) afterCancel++;
        events.push(event);
        if (isPast(event, share)) void generation.cancel();
      }
      expect(invariantViolations(events)).toEqual([]);
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'cancelled', usage: { completionTokens: 0 } });
      expect(afterCancel).toBeLessThanOrEqual(lateEvents);
      const retry = await collect(engine.generate(input));
      const [start] = retry;
      const end = retry.at(-1);
      if (start?.type !== 'prefill' || end?.type !== 'done') throw new Error(`from ${start?.type} to ${end?.type}`);
      if (tellsProgress()) expect(end.usage.cachedTokens).toBe(start.cached);
      // Elsewhere the server may still be at work on what was cancelled.
      if (!can('cancelConfirmed')) return;
      expect(start.phase).toBe('prefill');
      expect(end.usage.cachedTokens).toBeGreaterThanOrEqual(0.45 * end.usage.promptTokens);
      // The retry reuses every token that was reported as processed, and at most the chunk in progress on top.
      const read = events.findLast((event) => event.type === 'prefill')?.processed ?? 0;
      expect(end.usage.cachedTokens).toBeGreaterThanOrEqual(read);
      expect(end.usage.cachedTokens - read).toBeLessThanOrEqual(512);
    });

    it('stops when cancelled during decode and returns the text so far', async () => {
      const generation = engine.generate(chat('Tell me a story.', { maxTokens: 400, ...endless() }));
      const events = await collect(generation, (event) => {
        if (event.type === 'token' && event.completionTokens >= 5) void generation.cancel();
      });
      const result = await generation.result();
      expect(result.finishReason).toBe('cancelled');
      expect(result.text).toBe(textOf(events));
      expect(result.usage.completionTokens).toBeLessThan(100);
      expect(invariantViolations(events)).toEqual([]);
    });

    it("reuses a prompt of the same owner and never another owner's", async () => {
      const prompt = 'Once upon a time there was a fox who lived under an old oak tree.';
      const run = (owner: string) => engine.generate({ prompt, maxTokens: 1 }, { owner }).result();
      const first = await run('fox');
      if (can('cachePerOwner')) expect(first.usage.cachedTokens).toBe(0);
      expect((await run('fox')).usage.cachedTokens).toBe(first.usage.promptTokens - 1);
      if (!can('cachePerOwner')) return;
      for (const other of ['owl', 'crow', 'hare']) expect((await run(other)).usage.cachedTokens).toBe(0);
    });

    it('stops and frees the slot when the caller leaves the loop', async () => {
      for await (const event of engine.generate(chat(text(2000, 3)))) {
        if (isPast(event, 0.1)) break;
      }
      await idle(engine);
      expect(await engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
    });

    it('cancels the generation when the signal aborts', async () => {
      const abort = new AbortController();
      const generation = engine.generate(chat(text(2000, 4)), { signal: abort.signal });
      for await (const event of generation) if (isPast(event, 0.1)) abort.abort();
      expect(await generation.result()).toMatchObject({ finishReason: 'cancelled' });
    });

    it('prefills only the new messages of a chat that continues', async () => {
      const first = await engine.generate(chat(text(1200, 5))).result();
      const events = await collect(
        engine.generate({
          messages: [
            { role: 'user', content: text(1200, 5) },
            { role: 'assistant', content: first.text },
            { role: 'user', content: 'And what else?' },
          ],
          temperature: 0,
          maxTokens: 4,
        }),
      );
      const [start] = events;
      const end = events.at(-1);
      if (start?.type !== 'prefill' || end?.type !== 'done') throw new Error(`from ${start?.type} to ${end?.type}`);
      if (tellsProgress()) expect(end.usage.cachedTokens).toBe(start.cached);
      expect(end.usage.cachedTokens).toBeGreaterThanOrEqual(0.95 * first.usage.promptTokens);
      expect(end.usage.cachedTokens).toBeLessThan(end.usage.promptTokens);
    });

    it('estimates the tokens and cached tokens that the request then has, per owner', async () => {
      const input = chat(text(900, 30));
      const fresh = await engine.estimate(input, { owner: 'estimator' });
      expect(fresh).toMatchObject({ queuePosition: null, ...(can('cachePerOwner') && { cached: 0 }) });
      const first = await engine.generate(input, { owner: 'estimator' }).result();
      if (can('tokenCounts')) expect(fresh.tokens).toBe(first.usage.promptTokens);
      // A guess by the characters that a token usually has.
      expect(fresh.tokens / first.usage.promptTokens).toBeGreaterThan(0.2);
      expect(fresh.tokens / first.usage.promptTokens).toBeLessThan(5);
      if (!can('estimates')) return;
      expect(first.usage.cachedTokens).toBe(fresh.cached);
      const again = await engine.estimate(input, { owner: 'estimator' });
      const others = await engine.estimate(input, { owner: 'other' });
      expect(again.cached).toBeGreaterThanOrEqual(0.95 * fresh.tokens);
      if (can('cachePerOwner')) {
        expect(others.cached).toBe(0);
        expect(again.timeToFirstTokenMs).toBeLessThan(0.5 * (others.timeToFirstTokenMs ?? 0));
      }
      const second = await engine.generate(input, { owner: 'estimator' }).result();
      expect(second.usage.cachedTokens).toBe(again.cached);
    });

    it('renders a chat, and detokenises the tokens of a text to the same text', async () => {
      const notTold = { code: 'invalid-request', message: expect.stringMatching(/ does not tell its /) };
      const rendered = engine.applyTemplate(chat('What is prefill?'));
      if (can('chatTemplate')) expect(await rendered).toContain('What is prefill?');
      else await expect(rendered).rejects.toMatchObject(notTold);
      expect(await engine.applyTemplate({ prompt: 'Once upon' })).toBe('Once upon');
      if (!can('tokenizer')) {
        await expect(engine.tokenize({ text: 'Once upon a time' })).rejects.toMatchObject(notTold);
        await expect(engine.detokenize({ tokens: [1] })).rejects.toMatchObject(notTold);
        return;
      }
      const long = text(2000, 31).trim();
      for (const written of ['Once upon a time', long]) {
        const tokens = await engine.tokenize({ text: written });
        expect(tokens.length).toBeGreaterThan(2);
        expect(
          Buffer.from(tokens.flatMap(({ bytes }) => bytes))
            .toString()
            .trim(),
        ).toBe(written);
        expect(await engine.detokenize({ tokens: tokens.map(({ id }) => id) })).toBe(written);
      }
      expect(await engine.tokenize({ text: '' })).toEqual([]);
      expect(await engine.detokenize({ tokens: [] })).toBe('');
    });

    it('refuses a token outside the vocabulary by its index and a wrong type by its field', async () => {
      const invalid = (message: RegExp) => ({ code: 'invalid-request', message: expect.stringMatching(message) });
      if (can('vocabulary')) {
        await expect(engine.detokenize({ tokens: [1, 900_000_000] })).rejects.toMatchObject(
          invalid(/^tokens\[1\]: 900000000 is not in the vocabulary/),
        );
      }
      await expect(engine.detokenize({ tokens: [-1] })).rejects.toMatchObject(invalid(/^tokens\[0\]: /));
      await expect(engine.tokenize({ text: 5 as never })).rejects.toMatchObject(invalid(/^text: /));
      await expect(engine.tokenize({ text: 'x', model: 'none' })).rejects.toMatchObject({ code: 'model-not-found' });
      await expect(engine.applyTemplate({})).rejects.toMatchObject(invalid(/^prompt: is missing/));
    });

    it('runs two generations at once, each with its own total', async () => {
      const [long, short] = await Promise.all([
        collect(engine.generate(chat(text(2500, 6)))),
        collect(engine.generate(chat(text(300, 7)))),
      ]);
      expect(invariantViolations(long)).toEqual([]);
      expect(invariantViolations(short)).toEqual([]);
      expect(totalsOf(long)).toHaveLength(1);
      expect(totalsOf(short)).toHaveLength(1);
      expect(totalsOf(long)[0]).toBeGreaterThan(totalsOf(short)[0] ?? 0);
    });

    it('queues a third and a fourth request with their places, and cancels the fourth in the queue', async () => {
      const running = [8, 9].map((seed) => engine.generate(chat(text(2000, seed), { maxTokens: 60, ...endless() })));
      await Promise.all(running.map(({ admitted }) => admitted));
      const third = engine.generate(chat('third'));
      await third.admitted;
      const fourth = engine.generate(chat('fourth'));
      await fourth.admitted;
      await fourth.cancel();
      const events = await collect(third);
      expect(events[0]).toMatchObject({ type: 'prefill', phase: 'queued', queuePosition: 1 });
      expect(await collect(fourth)).toMatchObject([
        { type: 'prefill', phase: 'queued', queuePosition: 2 },
        { type: 'done', finishReason: 'cancelled' },
      ]);
      expect(events.at(-1)).toMatchObject({ type: 'done' });
      await Promise.all(running.map((generation) => generation.result()));
    });

    it('writes two choices from one prefill, each with the text of a single answer', async () => {
      const input = chat(text(400, 12), { maxTokens: 12, ...endless() });
      const alone = await engine.generate(input).result();
      const events = await collect(engine.generate({ ...input, choices: 2 }, { owner: 'choices' }));
      expect(invariantViolations(events)).toEqual([]);
      for (const index of [0, 1]) {
        const own = events.filter((event) => event.index === index);
        expect(textOf(own, { index })).toBe(alone.text);
        expect(own.at(-1)).toMatchObject({
          type: 'done',
          finishReason: 'length',
          usage: {
            promptTokens: alone.usage.promptTokens,
            completionTokens: 12,
            ...(can('cachePerOwner') && { cachedTokens: 0 }),
          },
        });
      }
      if (!can('sharedPrefill')) return;
      const tokenIndexes = events.flatMap((event) => (event.type === 'token' ? [event.index] : []));
      // The choices decode at the same time: each writes before the other ends.
      expect(tokenIndexes.lastIndexOf(0)).toBeGreaterThan(tokenIndexes.indexOf(1));
      expect(tokenIndexes.lastIndexOf(1)).toBeGreaterThan(tokenIndexes.indexOf(0));
    });

    it('cancels one of two choices while they are written, and the other goes on as if alone', async () => {
      const input = chat(text(400, 13), { maxTokens: 60, ...endless() });
      const alone = await engine.generate(input).result();
      const generation = engine.generate({ ...input, choices: 2 });
      let asked: boolean | undefined;
      const events = await collect(generation, (event) => {
        if (event.type === 'token' && event.index === 1) asked ??= engine.cancelChoice(generation.id, 1);
      });
      expect(asked).toBe(true);
      expect(invariantViolations(events)).toEqual([]);
      expect(endsOf(events)).toEqual({ 0: alone.finishReason, 1: 'cancelled' });
      expect(textOf(events)).toBe(alone.text);
      const written = textOf(events, { index: 1 });
      expect(alone.text.startsWith(written)).toBe(true);
      expect(written.length).toBeLessThan(alone.text.length);
      // It ends soon, not with the other.
      const end = events.findIndex((event) => event.type === 'done' && event.index === 1);
      expect(events.slice(end).filter((event) => event.type === 'token').length).toBeGreaterThan(5);
    });

    it.each([0, 1])('drops choice %i of two while the prompt is read, and writes the other', async (dropped) => {
      const input = chat(text(2000, 14 + dropped), { choices: 2, maxTokens: 8, ...endless() });
      const generation = engine.generate(input);
      let asked: boolean | undefined;
      const events = await collect(generation, (event) => {
        if (isPast(event, tellsProgress() ? 0.3 : 0)) asked ??= engine.cancelChoice(generation.id, dropped);
      });
      expect(asked).toBe(true);
      expect(invariantViolations(events)).toEqual([]);
      const other = 1 - dropped;
      expect(endsOf(events)).toEqual({ [dropped]: 'cancelled', [other]: 'length' });
      expect(events.filter((event) => event.type === 'token' && event.index === dropped)).toEqual([]);
      const ended = events.findIndex((event) => event.type === 'done');
      expect(events[ended]).toMatchObject({ index: dropped, remaining: 1, usage: { completionTokens: 0 } });
      if (tellsProgress()) expect(events.findLastIndex((event) => event.type === 'prefill')).toBeGreaterThan(ended);
    });

    it('ends a generation whose choices are cancelled one by one, and frees the slots', async () => {
      const generation = engine.generate(chat(text(2000, 16), { choices: 2, maxTokens: 400, ...endless() }));
      const asked: boolean[] = [];
      const events = await collect(generation, (event) => {
        if (asked.length > 0 || !isPast(event, tellsProgress() ? 0.3 : 0)) return;
        for (const index of [1, 0]) asked.push(engine.cancelChoice(generation.id, index));
      });
      expect(asked).toEqual([true, true]);
      expect(invariantViolations(events)).toEqual([]);
      expect(endsOf(events)).toEqual({ 0: 'cancelled', 1: 'cancelled' });
      expect(events.some((event) => event.type === 'token')).toBe(false);
      expect(engine.cancelChoice(generation.id, 0)).toBe(false);
      await idle(engine);
    });

    it('refuses to cancel a choice that a generation does not have', async () => {
      const generation = engine.generate(chat('Hello!', { choices: 2, maxTokens: 4 }));
      for (const index of [2, -1, 0.5]) {
        expect(() => engine.cancelChoice(generation.id, index)).toThrow(
          expect.objectContaining({
            code: 'invalid-request',
            message: `index: there is no choice ${index}: the generation has 2 choices; give 0 to 1`,
          }),
        );
      }
      expect(engine.cancelChoice('unknown', 2)).toBe(false);
      await generation.result();
    });

    it('answers a prompt of one token with two choices', async () => {
      const events = await collect(engine.generate({ prompt: 'a', choices: 2, maxTokens: 4 }));
      expect(invariantViolations(events)).toEqual([]);
      expect(events.filter((event) => event.type === 'done').map(({ usage }) => usage.promptTokens)).toEqual([1, 1]);
    });

    it('gives each choice its own seed', async () => {
      const input = chat('Tell me a story.', { choices: 2, temperature: 0.8, seed: 7, maxTokens: 16 });
      const [first, again] = [await engine.generate(input).result(), await engine.generate(input).result()];
      expect(first.choices.map((choice) => choice.text)).toEqual(again.choices.map((choice) => choice.text));
      expect(new Set(first.choices.map((choice) => choice.text)).size).toBe(2);
    });

    it('refuses a prompt that exceeds the context, with both token counts', async () => {
      const events = await collect(engine.generate(chat(text(40_000, 10))));
      // A server that has not counted it yet refuses it later.
      const seen = model?.remote ? events.slice(-1) : events;
      expect(seen).toMatchObject([{ type: 'error', code: 'context-overflow', retryable: false }]);
      expect(seen[0]).toHaveProperty('message', expect.stringMatching(/has (at least )?[\d,]+ tokens.*holds [\d,]+/));
    });

    it('accepts a prompt that leaves room for a few tokens and refuses one that leaves none', async () => {
      const contextSize = await contextSizeOf();
      const around = await engine.generate({ prompt: text(100, 20), maxTokens: 1 }).result();
      const words = contextSize - (around.usage.promptTokens - 100);
      const seen: { end: string; tokens: number }[] = [];
      for (let short = 6; short >= -2; short--) {
        const generation = engine.generate({ prompt: text(words - short, 20), maxTokens: 50, ...endless() });
        seen.push(
          await generation.result().then(
            ({ usage, finishReason }) => ({ end: finishReason, tokens: usage.promptTokens + usage.completionTokens }),
            (error: unknown) => ({ end: isHeadwayError(error) ? error.code : String(error), tokens: 0 }),
          ),
        );
      }
      expect(new Set(seen.map(({ end }) => end))).toEqual(new Set(['length', 'context-overflow']));
      expect(seen.at(-1)?.end).toBe('context-overflow');
      for (const { tokens } of seen) expect(tokens).toBeLessThanOrEqual(contextSize);
    });

    it('ends an answer when the context is full, at exactly contextSize tokens', async () => {
      const contextSize = await contextSizeOf();
      const { usage } = await engine.generate(chat('Hello!', { maxTokens: 1 })).result();
      const long = await engine
        .generate(chat(text(contextSize - usage.promptTokens - 200, 11), { maxTokens: 100_000, ...endless() }))
        .result();
      expect(long.finishReason).toBe('length');
      expect(long.usage.promptTokens + long.usage.completionTokens).toBe(contextSize);
    });

    it.each([
      [{ prompt: '' }, 'invalid-request', /^prompt: is empty/],
      [{ messages: [] }, 'invalid-request', /^messages:/],
      [{ prompt: 'x', messages: [{ role: 'user', content: 'x' }] }, 'invalid-request', /^prompt: cannot be sent with/],
      [{ prompt: 'x', model: 'unknown' }, 'model-not-found', /^model: there is no "unknown"; choose one of:/],
      [{ prompt: 'x', choices: 3 }, 'invalid-request', /^choices: 3 choices need 3 slots, but this model has 2;/],
      [{ prompt: 'x', tools: [{ name: 'f' }] }, 'invalid-request', /^tools:/],
    ] as const)('refuses %j as %s', async (input, code, message) => {
      const generation = engine.generate(input as unknown as GenerateInput);
      await expect(generation.admitted).rejects.toSatisfy(isHeadwayError);
      await expect(generation.result()).rejects.toMatchObject({ code });
      expect(await collect(generation)).toMatchObject([
        { type: 'error', code, message: expect.stringMatching(message), remaining: 0 },
      ]);
    });

    it('has no busy slot and an empty queue after all other tests', async () => {
      expect(await engine.activity()).toMatchObject({ slots: { total: 2, busy: 0 }, queued: 0 });
    });
  });
}

function countOf(events: readonly GenerationEvent[]): number {
  return events.reduce((sum, event) => sum + (event.type === 'token' ? event.count : 0), 0);
}

/** How each choice ended, by its index. */
function endsOf(events: readonly GenerationEvent[]): Record<number, string> {
  const ends = events.flatMap((event) => (event.type === 'done' ? [[event.index, event.finishReason] as const] : []));
  return Object.fromEntries(ends);
}

function totalsOf(events: readonly GenerationEvent[]): number[] {
  return [
    ...new Set(events.flatMap((event) => (event.type === 'prefill' && event.total !== null ? [event.total] : []))),
  ];
}

/** Whether prefill has read this share of the uncached prompt. */
function isPast(event: GenerationEvent | undefined, share: number): boolean {
  if (event?.type !== 'prefill' || event.phase !== 'prefill') return false;
  const { processed, cached, total } = event;
  if (processed === null || cached === null || total === null) return false;
  return processed - cached >= share * (total - cached);
}

async function idle(engine: Engine): Promise<void> {
  while ((await engine.activity()).slots.busy > 0) await new Promise((resolve) => setImmediate(resolve));
}
