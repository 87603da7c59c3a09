import type { GenerationEvent } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { watchAnswers } from './clients/answered-requests.ts';
import { longQuestion } from './clients/prompts.ts';
import { errorText } from './error-text.ts';
import { failuresOf, prefillOf, resultsIn, type RecordedGeneration } from './recorded-engine.ts';
import type { RecordedGateway } from './recorded-gateway.ts';
import type { ThirdPartyClient, Turn } from './third-party-client.ts';

const absent = 'no-such-model';

/** The five tests that each published client must pass with its own API. */
export function describeClient(client: ThirdPartyClient, shared: () => RecordedGateway): void {
  const turn = (rest: Partial<Turn> = {}): Turn => {
    const { url, baseURL, model } = shared();
    return { url, baseURL, model, prompt: 'Tell me a story about a fox.', maxTokens: 60, ...rest };
  };
  /** Returns a function that returns the generations started since. */
  const watchGenerations = () => {
    const { generations } = shared();
    const before = generations.length;
    return () => generations.slice(before);
  };

  describe(`${client.name} ${client.version}, ${client.surface}`, () => {
    test('receives a streamed answer completely, piece by piece', async () => {
      using watched = watchAnswers();
      const started = watchGenerations();
      const { text, pieces, object } = await client.streamTurn(turn());
      const [written = ''] = started().map(textOf);
      expect(text).toMatch(/\w{3}/);
      expect(object ?? text).toEqual(object ? JSON.parse(written) : written);
      expect(pieces).toBeGreaterThan(1);
      expect(watched.answers).toContainEqual(expect.objectContaining({ status: 200, streamed: true }));
    });

    test('calls a tool, sends its result, and gets an answer', async () => {
      const started = watchGenerations();
      const asked = turn({ prompt: 'What is the weather in Rome?', maxTokens: 200 });
      const { call, result, text } = await client.toolTurn(asked);
      const [asking, answering] = started();
      const made = asking && callsOf(asking).find(({ name }) => name === call.name);
      expect(JSON.parse(made?.arguments ?? 'null')).toEqual(call.arguments);
      expect(answering && resultsIn(answering.input).join('\n')).toContain(result);
      expect(text).toMatch(/\w{3}/);
      expect(text).toBe(answering && textOf(answering));
    });

    test('detects a context overflow', async () => {
      const started = watchGenerations();
      const error = await rejectionOf(client.streamTurn(turn({ prompt: 'word '.repeat(shared().context + 1000) })));
      expect(client.isOverflow(error) || errorText(error)).toBe(true);
      expect(started().flatMap(failuresOf)).toContain('context-overflow');
    });

    test('aborts during prefill after at most one more chunk, and leaves nothing open', async () => {
      const started = watchGenerations();
      const abort = new AbortController();
      const prompt = longQuestion(`abort of ${client.name}, ${client.surface}`, Math.floor(shared().context * 0.6));
      const settled = client.streamTurn(turn({ prompt, signal: abort.signal })).catch((error: unknown) => error);
      const reading = () => started().find(({ events }) => processedOf(events) > 100);
      await expect.poll(reading, { interval: 2, timeout: 30_000 }).toBeDefined();
      const read = reading();
      abort.abort();
      await settled;
      await expect.poll(() => read?.events.at(-1)?.type).toBe('done');
      const events = read?.events ?? [];
      expect(events.at(-1)).toMatchObject({ finishReason: 'cancelled' });
      expect(processedOf(events)).toBeLessThan(totalOf(events));
      // After the cancellation the stream has at most one event for the running chunk, and the last event.
      const behind = events.slice(read?.eventsAtCancel).filter(({ type }) => type === 'prefill');
      expect(read?.eventsAtCancel).toEqual(expect.any(Number));
      expect(behind.length).toBeLessThanOrEqual(1);

      const { headway } = shared();
      await expect.poll(() => headway.status()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
      const running = async () => (await headway.generations()).filter(({ state }) => state !== 'ended');
      await expect.poll(running).toEqual([]);
      const left = (await headway.generations()).find(({ id }) => id === read?.id);
      expect(left).toMatchObject({ outcome: 'cancelled', viewers: 0 });
    });

    test('reports an unknown model, with the list of models', async () => {
      using watched = watchAnswers();
      const error = await rejectionOf(client.streamTurn(turn({ model: absent })));
      const text = errorText(error);
      expect(text).toContain(absent);
      expect(text).toContain(`choose one of: ${shared().model}`);
      expect(watched.answers.map(({ status }) => status)).toContain(404);
    });
  });
}

async function rejectionOf(turn: Promise<unknown>): Promise<unknown> {
  const answer = await turn.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in answer) throw new Error(`was answered: ${JSON.stringify(answer.value)}`);
  return answer.error;
}

const textOf = ({ events }: RecordedGeneration) =>
  events.map((event) => (event.type === 'token' && event.channel === 'content' ? event.text : '')).join('');
const callsOf = ({ events }: RecordedGeneration) =>
  events.flatMap((event) => (event.type === 'done' ? (event.toolCalls ?? []) : []));

const processedOf = (events: readonly GenerationEvent[]) => prefillOf(events)?.processed ?? 0;
const totalOf = (events: readonly GenerationEvent[]) => prefillOf(events)?.total ?? 0;
