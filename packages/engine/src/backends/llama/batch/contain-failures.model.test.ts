import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import {
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  type Llama,
  type LlamaContext,
  type LlamaGrammar,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { runTypeScript } from '../../../isolation/open-isolated.fixture.ts';
import { inOrderVariable } from '../../../processes/job-order.ts';
import { containFailures } from './contain-failures.ts';
import { batchLoopOf, openEmbeddedModel } from '../embedded-model.fixture.ts';

let instance: Llama;
let model: LlamaModel;
let context: LlamaContext;
let grammar: LlamaGrammar;
beforeAll(async () => {
  ({ instance, model } = await openEmbeddedModel({ logLevel: LlamaLogLevel.disabled }));
  context = await model.createContext({ contextSize: 512, sequences: 2, threads: 1 });
  batchLoopOf(context);
  grammar = await instance.createGrammar({ grammar: 'root ::= [0-9]+' });
});
afterAll(async () => {
  await instance.dispose();
});

/** Makes every draw fail: a logit divided by this temperature is infinite in 32 bits. */
const failing = () => ({
  temperature: 1e-40,
  topK: 0,
  topP: 1,
  grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }),
});

async function write(tokens: AsyncIterable<Token>, count: number): Promise<Token[]> {
  const written: Token[] = [];
  for await (const token of tokens) if (written.push(token) >= count) break;
  return written;
}

/** Runs the fixture in a process with a thread pool of one, as the engine's process has. */
async function runFailedBatches() {
  const fixture = fileURLToPath(new URL('./failed-batch.fixture.ts', import.meta.url));
  const env = { UV_THREADPOOL_SIZE: '1', [inOrderVariable]: String(process.pid) };
  const { stdout } = await promisify(execFile)(process.execPath, [...runTypeScript, fixture], {
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout) as Record<'alone' | 'beside' | 'refusals', string[]> & {
    inOrder: boolean;
    failed: number[];
    next: string;
  };
}

it('of a failed batch one answer ends without a token, and the others go on as if alone, where jobs run in order', async () => {
  const ran = await runFailedBatches();
  expect(ran.inOrder).toBe(true);
  // Each time it failed in one batch with the others' tokens, and then alone.
  expect(ran.failed).toEqual(Array(5).fill([3, 1]).flat());
  expect(ran.refusals).toEqual(Array(5).fill('Eval has failed'));
  expect(ran.beside).toEqual(ran.alone);
  expect(ran.next).toBe(ran.alone[0]);
});

it("a failed draw ends its own text, but neither another sequence's nor its own sequence's next text", async () => {
  const rejections: unknown[] = [];
  const listen = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', listen);
  const [bad, good] = [context.getSequence(), context.getSequence()];
  containFailures(bad);
  containFailures(good);
  const prompt = model.tokenize('Once upon a time there was');
  const alone = await write(good.evaluate(prompt), 40);
  await good.clearHistory();

  const other = write(good.evaluate(prompt), 40);
  const failures: unknown[] = [];
  for (let at = 0; at < 5; at++) {
    failures.push(await write(bad.evaluate(prompt, failing()), 5).catch((thrown: unknown) => thrown));
    await bad.clearHistory();
  }
  expect(failures).toEqual(Array(5).fill(expect.objectContaining({ message: expect.stringContaining('grammar') })));
  expect(await other).toEqual(alone);
  expect(await write(bad.evaluate(prompt), 40)).toEqual(alone);
  // The sequence reports what its memory holds, so a prompt that continues it can reuse it.
  expect(bad.contextTokens.slice(0, prompt.length)).toEqual(prompt);
  process.off('unhandledRejection', listen);
  expect(rejections).toEqual([]);
  await Promise.all([bad.dispose(), good.dispose()]);
});
