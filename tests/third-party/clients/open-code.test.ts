import { createClient } from '@headway/client';
import { expect, test, vi } from 'vitest';

import { watchAnswers } from './answered-requests.ts';
import { startEmbedded } from './embedded-gateway.ts';
import { progressIn, sdkDialects, silent, type ProgressDialect } from './progress-dialects.ts';
import { runOpenCode } from './run-open-code.ts';
import { readSse } from './sse-records.ts';

// Starting it takes long on a busy machine.
vi.setConfig({ testTimeout: 150_000 });

interface OpenCodeEvent {
  type: string;
  part: { text?: string; reason?: string; tokens?: { input: number; output: number; cache: { read: number } } };
}

/** A custom provider, and an agent with a short prompt and no tools, which fits a small context. */
const configFor = (baseURL: string, { headers, body }: ProgressDialect = silent) => ({
  autoupdate: false,
  share: 'disabled',
  snapshot: false,
  model: 'headway/storyteller',
  small_model: 'headway/storyteller',
  enabled_providers: ['headway'],
  default_agent: 'teller',
  provider: {
    headway: {
      npm: '@ai-sdk/openai-compatible',
      name: 'Headway',
      options: { baseURL, apiKey: 'none', headers },
      models: {
        storyteller: { name: 'Storyteller', temperature: true, options: body, limit: { context: 8192, output: 64 } },
      },
    },
  },
  agent: {
    teller: {
      dialect: 'primary',
      prompt: 'You answer in a sentence or two.',
      temperature: 0,
      tools: { '*': false },
    },
    title: { prompt: 'You find a title.', temperature: 0 },
  },
});

test.each(sdkDialects)(
  'OpenCode completes a turn in the progress dialect $name, and prints the answer',
  async (dialect) => {
    await using gateway = await startEmbedded();
    await using client = createClient({ url: gateway.url });
    using watched = watchAnswers();
    const run = await runOpenCode({
      config: configFor(gateway.baseURL, dialect),
      args: ['run', '--pure', '--format', 'json', 'What is Headway?'],
    });

    expect(run).toMatchObject({ code: 0 });
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as OpenCodeEvent);
    expect(events.map(({ type }) => type)).toEqual(['step_start', 'text', 'step_finish']);
    const [text, finish] = [events[1]?.part, events[2]?.part];

    const generations = await client.generations();
    const results = await Promise.all(generations.map(({ id }) => client.watch(id).result()));
    const answer = results.find((result) => result.text === text?.text);
    expect(answer?.text).toMatch(/\w{3}/);
    expect(finish?.reason).toBe(answer?.finishReason);
    expect(finish?.tokens).toMatchObject({
      input: (answer?.usage.promptTokens ?? 0) - (answer?.usage.cachedTokens ?? 0),
      output: answer?.usage.completionTokens,
      cache: { read: answer?.usage.cachedTokens },
    });

    // The answer, and the title of the session.
    const asked = watched.answers.filter(({ path }) => path?.startsWith('/v1/'));
    const chat = { method: 'POST', path: '/v1/chat/completions', status: 200, streamed: true };
    expect(asked).toMatchObject([chat, chat]);
    expect(results).toHaveLength(2);
    for (const { written } of asked) {
      expect(progressIn(readSse(written), dialect).length > 1).toBe(dialect !== silent);
    }
    expect(run.outboundHosts).toEqual([]);
    expect(run.leftProcesses).toBe(false);
  },
);

test('OpenCode prints the reason of a refusal, and exits with an error', async () => {
  await using gateway = await startEmbedded();
  const config = configFor(gateway.baseURL);
  const run = await runOpenCode({
    config: { ...config, agent: { ...config.agent, title: { disable: true } } },
    args: ['run', '--pure', '--format', 'json', 'word '.repeat(9000)],
  });
  expect(run.code).not.toBe(0);
  expect(run.stdout).toContain('context');
  expect(run.outboundHosts).toEqual([]);
  expect(run.leftProcesses).toBe(false);
});
