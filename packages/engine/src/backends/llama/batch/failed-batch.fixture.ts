// Two answers that write in step, and a third whose batches llama.cpp refuses, in a process with the environment that the
// test gives it. Prints what happened as JSON.
import { LlamaLogLevel, type LlamaContextSequence, type Token } from 'node-llama-cpp';

import { runsJobsInOrder } from '../../../processes/job-order.ts';
import { writeTokens } from '../decode/write-tokens.ts';
import { batchLoopOf, openEmbeddedModel } from '../embedded-model.fixture.ts';
import type { PrivateContext, PrivateSequence } from './context-bindings.ts';

const { instance, model } = await openEmbeddedModel({ logLevel: LlamaLogLevel.disabled });
const context = await model.createContext({ contextSize: 512, sequences: 3, threads: 1 });
const loop = batchLoopOf(context);
const [first, second, bad] = [context.getSequence(), context.getSequence(), context.getSequence()];

/** The tokens of each batch that failed. */
const failed: number[] = [];
const inside = (context as unknown as PrivateContext)._ctx;
const initBatch = inside.initBatch.bind(inside);
const decodeBatch = inside.decodeBatch.bind(inside);
let size = 0;
Object.defineProperties(inside, {
  initBatch: { value: (tokens: number) => initBatch((size = tokens)) },
  decodeBatch: {
    value: () => {
      const tokens = size;
      const computed = decodeBatch();
      computed.catch(() => failed.push(tokens));
      return computed;
    },
  },
});

async function write(sequence: LlamaContextSequence, prompt: readonly Token[], onToken?: (written: number) => void) {
  const tokens: Token[] = [];
  await writeTokens(prompt, {
    sequence,
    loop,
    grammar: () => undefined,
    replacementOf: () => null,
    logprobs: null,
    sampling: { temperature: 0 },
    onToken: ({ token }) => {
      const written = tokens.push(token);
      onToken?.(written);
      return tokens.length < 40;
    },
    signal: new AbortController().signal,
  });
  return model.detokenize(tokens);
}

const prompts = ['Once upon a time there was', 'The owl looked at'].map((text) => model.tokenize(text));
const [one = [], other = []] = prompts;
const alone = await Promise.all([write(first, one), write(second, other)]);
await first.clearHistory();
await second.clearHistory();

await bad.evaluateWithoutGeneratingNewTokens(one);
const state = bad as unknown as PrivateSequence;
const refusals: Promise<string>[] = [];
/** llama.cpp refuses a token at a position that the memory holds already. */
function writeBadly(written: number) {
  if (written % 8 !== 4) return;
  const next = state._nextTokenIndex;
  state._nextTokenIndex = 1;
  const refusal = write(bad, other.slice(0, 1)).then(
    (text) => `wrote ${text}`,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
  refusals.push(refusal.finally(() => (state._nextTokenIndex = next)));
}
const beside = await Promise.all([write(first, one, writeBadly), write(second, other)]);

await bad.clearHistory();
process.stdout.write(
  JSON.stringify({
    inOrder: runsJobsInOrder(),
    alone,
    beside,
    refusals: await Promise.all(refusals),
    failed,
    next: await write(bad, one),
  }),
);
await instance.dispose();
