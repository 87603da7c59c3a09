import { mergeEvents, type GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { scripted } from './backends/scripted/scripted.ts';
import { createVirtualClock } from './backends/scripted/virtual-clock.ts';
import { createEngine } from './create-engine.ts';

const word = fc.constantFrom('a', 'bb', 'ccc', 'é', '你好', '👋🏽', 'x y', '\n');

const request = fc.record({
  prompt: fc.array(word, { minLength: 1, maxLength: 600 }).map((words) => `p ${words.join(' ')}`),
  reply: fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
  reasoning: fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')),
  maxTokens: fc.option(fc.integer({ min: 1, max: 70 }), { nil: undefined }),
  stop: fc.array(word, { maxLength: 2 }),
  ignoreEos: fc.boolean(),
  progressIntervalMs: fc.constantFrom(0, 0, 20, 1000),
  /** Places of the spans' borders, of which each two that follow each other have one between them. */
  borders: fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 6 }),
  /** Reduced to the number of slots in the test. */
  choices: fc.integer({ min: 1, max: 3 }),
  priority: fc.integer({ min: -1, max: 1 }),
  logprobs: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  /** Arguments of the tool calls after the reply; without calls the request has no tools. */
  calls: fc.array(
    fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' ')),
    { maxLength: 3 },
  ),
  owner: fc.constantFrom('', 'fox', 'owl'),
  fault: fc.option(
    fc.record({
      phase: fc.constantFrom('prefill', 'decode'),
      afterTokens: fc.integer({ min: 0, max: 100 }),
      does: fc.constantFrom('fail', 'stall'),
    }),
  ),
  /** Time of the cancel after the request, in virtual ms. The test always cancels a stall. */
  cancelAt: fc.option(fc.integer({ min: 0, max: 2000 })),
  /** Time of the request, in virtual ms. */
  at: fc.integer({ min: 0, max: 500 }),
});

/** Distance between the seeds of two requests: more than the number of choices, whose seeds are consecutive. */
const seedStep = 8;

it('every generation obeys the event invariants for random requests, failures, stalls and cancels', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      async (requests, parallel) => {
        const clock = createVirtualClock({ auto: true });
        const script = ({ seed = 0 }) => {
          const { calls = [], ...rest } = requests[Math.floor(seed / seedStep)] ?? {};
          return { ...rest, toolCalls: calls.map((args) => ({ name: 'look', arguments: args })) };
        };
        const backend = scripted({
          clock,
          contextSize: 4096,
          script: (of) => ({ ...script(of), decodeTokensPerSecond: 50 }),
        });
        await using engine = await createEngine({ backend, parallel, maxQueue: 4, clock });
        const streams = await Promise.all(
          requests.map(
            async (
              { cancelAt, fault, at, choices, owner, calls, borders, reply: _reply, reasoning: _reasoning, ...rest },
              place,
            ) => {
              const spanned = { ...rest, spans: spansBetween(borders, rest.prompt.length) };
              const input = calls.length > 0 ? withTools(spanned) : spanned;
              const { ignoreEos, maxTokens } = input;
              await clock.sleep(at);
              const endless = ignoreEos && maxTokens === undefined;
              const generation = engine.generate(
                {
                  ...input,
                  maxTokens: endless ? 100 : maxTokens,
                  choices: Math.min(choices, parallel),
                  seed: place * seedStep,
                },
                { owner },
              );
              const cancelAfter = cancelAt ?? (fault?.does === 'stall' ? 5000 : null);
              if (cancelAfter !== null) void clock.sleep(cancelAfter).then(() => generation.cancel());
              const events = await collect(generation);
              return {
                events,
                // All prompts share their beginning, so reuse across owners would show as cached tokens.
                alone: requests.filter((other) => other.owner === owner).length === 1,
                limit: endless ? 100 : maxTokens,
                text: await generation.text().catch(() => null),
                refused: events[0]?.type === 'error',
              };
            },
          ),
        );
        for (const { events, text, limit, alone } of streams.filter(({ refused }) => !refused)) {
          expect(invariantViolations(events, { maxTokens: limit })).toEqual([]);
          expect(invariantViolations(mergeEvents(events), { merged: true })).toEqual([]);
          // Null: the first choice ended in an error.
          expect([textOf(events), null]).toContain(text);
          const miscounted = events.filter(
            (event) => event.type === 'token' && event.logprobs && event.logprobs.length !== event.count,
          );
          expect(miscounted).toEqual([]);
          for (const { id, arguments: args } of events.flatMap((event) =>
            event.type === 'done' ? event.toolCalls : [],
          )) {
            expect(argumentsOf(events, id)).toBe(args);
          }
          for (const index of [0, 1, 2]) {
            expect(textOf(mergeEvents(events), { index })).toBe(textOf(events, { index }));
          }
          const ofOthers = events.filter((event) => alone && 'usage' in event && event.usage.cachedTokens > 0);
          expect(ofOthers).toEqual([]);
        }
        for (const { events } of streams.filter(({ refused }) => refused)) {
          expect(events).toMatchObject([{ type: 'error', code: 'queue-full', remaining: 0 }]);
        }
        expect(await engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
      },
    ),
  );
}, 120_000);

function spansBetween(borders: readonly number[], length: number) {
  const places = [...new Set(borders.filter((border) => border <= length))].toSorted((a, b) => a - b);
  return places.slice(1).map((end, at) => ({ name: `${at}`, start: places[at] ?? 0, end }));
}

/** A request with tools needs messages, and may not ignore the end of the answer. */
const withTools = <Input extends { prompt: string; ignoreEos: boolean }>({ prompt, ...rest }: Input) => ({
  ...rest,
  messages: [{ role: 'user' as const, content: prompt }],
  tools: [{ name: 'look' }],
  ignoreEos: false,
});

const argumentsOf = (events: readonly GenerationEvent[], id: string) =>
  events.map((event) => (event.type === 'token' && event.toolCall?.id === id ? event.text : '')).join('');
