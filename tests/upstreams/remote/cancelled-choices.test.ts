import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { describe, expect, it } from 'vitest';

import { chat, openRemote } from './open-remote.ts';

const long = Array.from({ length: 200 }, (_, at) => ` w${at}`);

describe('a cancelled choice of an upstream', () => {
  it('that has its own request closes it, and no other', async () => {
    await using pair = await openRemote(
      { dialect: 'openai', replies: [{ text: long }], decode: { msPerToken: 2 } },
      { concurrency: 3 },
    );
    const generation = pair.engine.generate(chat('hello', { choices: 3 }));
    let asked: boolean | undefined;
    const events = await collect(generation, (event) => {
      if (event.type === 'token' && event.index === 1) asked ??= pair.engine.cancelChoice(generation.id, 1);
    });
    expect(asked).toBe(true);
    expect(invariantViolations(events)).toEqual([]);
    for (const index of [0, 2]) expect(textOf(events, { index })).toBe(long.join(''));
    const posts = (await pair.upstream.requests()).filter(({ tokensSent }) => tokensSent > 0);
    expect(posts.filter(({ aborted }) => aborted)).toHaveLength(1);
    expect(posts).toHaveLength(3);
    expect(posts.find(({ aborted }) => aborted)?.tokensSent).toBeLessThan(100);
    expect((await pair.engine.activity()).slots.busy).toBe(0);
  });

  it('is not asked for when it is cancelled before the request is sent', async () => {
    await using pair = await openRemote(
      { dialect: 'openai', replies: [{ text: long }], decode: { msPerToken: 1 } },
      { concurrency: 2 },
    );
    const running = pair.engine.generate(chat('first', { choices: 2 }));
    await running.admitted;
    const waiting = pair.engine.generate(chat('second', { choices: 2 }));
    await waiting.admitted;
    expect(pair.engine.cancelChoice(waiting.id, 0)).toBe(true);
    const events = await collect(waiting);
    expect(invariantViolations(events)).toEqual([]);
    expect(textOf(events, { index: 1 })).toBe(long.join(''));
    const posts = (await pair.upstream.requests()).filter(({ tokensSent }) => tokensSent > 0);
    expect(posts).toHaveLength(3);
  });

  it('that shares a request ends at once; what the upstream still writes of it is dropped', async () => {
    await using pair = await openRemote({
      dialect: 'vllm',
      replies: [{ text: long, others: [long] }],
      decode: { msPerToken: 1 },
    });
    const generation = pair.engine.generate(chat('hello', { choices: 2 }));
    let asked: boolean | undefined;
    const events = await collect(generation, (event) => {
      if (event.type === 'token' && event.index === 0) asked ??= pair.engine.cancelChoice(generation.id, 0);
    });
    expect(asked).toBe(true);
    expect(invariantViolations(events)).toEqual([]);
    expect(textOf(events, { index: 1 })).toBe(long.join(''));
    expect(textOf(events, { index: 0 }).length).toBeLessThan(long.join('').length / 2);
    const done = events.findIndex((event) => event.type === 'done');
    expect(events[done]).toMatchObject({ index: 0, finishReason: 'cancelled', remaining: 1 });
    const posts = (await pair.upstream.requests()).filter(({ tokensSent }) => tokensSent > 0);
    expect(posts.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
