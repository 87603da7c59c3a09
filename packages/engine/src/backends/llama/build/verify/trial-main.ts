import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';

import { openBuild } from '../../binary/open-build.ts';
import { openLlama } from '../../binary/open-llama.ts';
import type { TrialAnswer, TrialOrder, WrittenStep } from './trial-messages.ts';

// A process that tries one binary: it writes texts and times work, one order after the other. It is a process of its
// own because a binary that does not fit the machine may crash.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A terminal sends Ctrl-C to every process in the group. The parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

interface Opened {
  instance: Llama;
  model: LlamaModel;
  sequence: LlamaContextSequence;
}

const contextSize = 512;
const shownTokens = 16;

let opened: Opened | null = null;
const reply = (message: TrialAnswer) => process.send?.(message);

process.on('message', (order: TrialOrder) => {
  answer(order).then(
    (value) => reply({ value }),
    (thrown: unknown) => reply({ error: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
});

async function answer(order: TrialOrder): Promise<unknown> {
  if (order.kind === 'open') {
    await opened?.instance.dispose();
    opened = null;
    opened = await open(order);
    return null;
  }
  if (!opened) throw new Error('no model is open');
  opened.instance.maxThreads = order.threads;
  return order.kind === 'write' ? write(opened, order) : time(opened, order);
}

async function open({ binary, compute, model: modelPath, threads }: TrialOrder & { kind: 'open' }): Promise<Opened> {
  const logger = () => undefined;
  const gpu = compute === 'cpu' ? false : compute;
  const instance =
    binary === 'prebuilt' ? (await openLlama({ gpu, binary, logger })).instance : await openBuild(binary, { logger });
  instance.maxThreads = threads;
  const model = await instance.loadModel({ modelPath });
  const context = await model.createContext({ contextSize, batchSize: contextSize, sequences: 1, threads });
  return { instance, model, sequence: context.getSequence() };
}

async function write(
  { model, sequence }: Opened,
  { prompt, tokens: count }: TrialOrder & { kind: 'write' },
): Promise<WrittenStep[]> {
  await sequence.clearHistory();
  const steps: WrittenStep[] = [];
  const written = sequence.evaluateWithMetadata(
    model.tokenize(prompt),
    { probabilities: true },
    { temperature: 0, yieldEogToken: true },
  );
  for await (const { token, probabilities } of written) {
    // node-llama-cpp gives the likeliest first.
    steps.push({ token, top: [...probabilities].slice(0, shownTokens) });
    if (steps.length === count) break;
  }
  return steps;
}

async function time(
  { model, sequence }: Opened,
  { work, tokens: count }: TrialOrder & { kind: 'time' },
): Promise<number> {
  await sequence.clearHistory();
  const words = model.tokenizer('A small fox reads an old book in the harbour library while it rains.');
  const tokens = Array.from({ length: count }, (_, at) => words[at % words.length] as Token);
  if (work === 'prefill') {
    const began = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(tokens);
    return performance.now() - began;
  }
  let began = 0;
  let written = 0;
  // The first token is read with the prompt.
  for await (const _ of sequence.evaluate(tokens.slice(0, 4), { temperature: 0, yieldEogToken: true })) {
    if (written++ === 0) began = performance.now();
    if (written > count) break;
  }
  return performance.now() - began;
}
