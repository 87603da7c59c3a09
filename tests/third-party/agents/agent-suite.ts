import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import type { GenerationEvent } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { watchAnswers } from '../clients/answered-requests.ts';
import { failuresOf, prefillOf, resultsIn, type RecordedGeneration } from '../recorded-engine.ts';
import type { Agent } from './agent.ts';
import { versionOf } from './installed.ts';
import { startAgent, type AgentRun, type RunningAgent } from './run-agent.ts';
import { modelId, startScripted } from './scripted-gateway.ts';

/** Long enough for a busy machine. */
const patience = { interval: 5, timeout: 60_000 };

const manyWords = 'word '.repeat(12_000);

/** The five tests that each published agent must pass: the columns of the table in docs/wire-formats.md. */
export function describeAgent(agent: Agent): void {
  describe(`${agent.name} ${versionOf(agent)}`, () => {
    test('prints a streamed answer', async () => {
      await using gateway = await startScripted();
      using watched = watchAnswers();
      await using running = await startAgent(agent, { url: gateway.url, model: modelId, prompt: 'Say hello.' });
      const run = await running.ended;
      expect(run).toMatchObject({ code: 0 });
      expect(run.stdout).toContain('This is an answer, and it comes word for word.');
      const asked = watched.answers.filter(({ path }) => path?.split('?')[0] === agent.path);
      expect(asked).toContainEqual(expect.objectContaining({ method: 'POST', status: 200, streamed: true }));
      await expectQuiet(agent, running);
    });

    test('reads a file for the model, whose answer repeats its content', async () => {
      const password = randomUUID();
      let file = '';
      const toolCall = { name: agent.readTool.name, arguments: () => agent.readTool.arguments(file) };
      await using gateway = await startScripted({ toolCall });
      const task = { url: gateway.url, model: modelId, prompt: 'Which password is in note.txt?' };
      await using running = await startAgent(agent, task, { 'note.txt': `The password is ${password}.\n` });
      file = join(running.work, 'note.txt');
      const run = await running.ended;
      expect(run).toMatchObject({ code: 0 });
      const answered = gateway.generations.find(({ input }) =>
        resultsIn(input).some((text) => text.includes(password)),
      );
      expect(answered?.input.messages?.flatMap(callsIn)).toContainEqual({
        id: expect.any(String),
        name: toolCall.name,
        arguments: JSON.stringify(toolCall.arguments()),
      });
      expect(answered?.events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' });
      const answer = run.stdout.slice(run.stdout.indexOf('The tool said this:'));
      expect(answer).toContain(password);
      await expectQuiet(agent, running);
    });

    test('detects a context overflow, and does not retry it', async () => {
      await using gateway = await startScripted({ contextSize: 8192 });
      const task = { url: gateway.url, model: modelId, prompt: manyWords };
      const { args = agent.args } = agent.overflow;
      await using running = await startAgent({ ...agent, args }, task);
      const run = await running.ended;
      expect(withoutWords(run)).toMatch(agent.overflow.says);
      expect(gateway.generations.flatMap(failuresOf)).toEqual(['context-overflow']);
      await expectQuiet(agent, running);
    });

    test('ends prefill after at most one more chunk on an interrupt, and leaves no process', async () => {
      await using gateway = await startScripted({ prefillTokensPerSecond: 250 });
      await using running = await startAgent(agent, { url: gateway.url, model: modelId, prompt: manyWords });
      const reading = () => gateway.generations.find(({ events }) => (prefillOf(events)?.processed ?? 0) > 50);
      await expect.poll(reading, patience).toBeDefined();
      const read = reading();
      running.interrupt();
      await running.ended;
      await expect
        .poll(() => endOf(read?.events ?? []), patience)
        .toMatchObject({ type: 'done', finishReason: 'cancelled' });
      const { processed, total } = prefillOf(read?.events ?? []) ?? {};
      expect(total).toBeGreaterThan(12_000);
      expect(processed).toBeLessThan(total ?? 0);
      // After the cancellation the stream has at most one event for the running chunk, and the last event.
      const behind = read?.events.slice(read.eventsAtCancel).filter(({ type }) => type === 'prefill');
      expect(read?.eventsAtCancel).toEqual(expect.any(Number));
      expect(behind?.length).toBeLessThanOrEqual(1);
      await expect.poll(() => gateway.headway.status(), patience).toMatchObject({ slots: { busy: 0 }, queued: 0 });
      await expectQuiet(agent, running);
    });

    test('reports an unknown model', async () => {
      await using gateway = await startScripted();
      using watched = watchAnswers();
      await using running = await startAgent(agent, { url: gateway.url, model: 'no-such-model', prompt: 'Say hello.' });
      const run = await running.ended;
      expect(run.code).not.toBe(0);
      expect(`${run.stdout}${run.stderr}`).toMatch(agent.unknownModel.says);
      expect(watched.answers.map(({ status }) => status)).toContain(404);
      expect(gateway.generations.map(({ events }) => endOf(events)?.type)).not.toContain('done');
      await expectQuiet(agent, running);
    });
  });
}

/** Expects that the agent connected to documented hosts only, and left no process. */
async function expectQuiet({ asksAlso = [] }: Agent, running: RunningAgent): Promise<void> {
  const { outboundHosts } = await running.ended;
  expect(outboundHosts.filter((host) => !asksAlso.includes(host))).toEqual([]);
  await expect.poll(() => running.isAlive(), patience).toBe(false);
}

/** The output without the words of the prompt, which some agents repeat. */
const withoutWords = ({ stdout, stderr }: AgentRun) => `${stdout}${stderr}`.replaceAll(/(?:word ){2,}/g, '…');

const endOf = (events: readonly GenerationEvent[]) =>
  events.findLast(({ type }) => type === 'done' || type === 'error');
const callsIn = (message: NonNullable<RecordedGeneration['input']['messages']>[number]) =>
  message.role === 'assistant' ? (message.toolCalls ?? []) : [];
