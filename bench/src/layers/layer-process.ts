// A layer's process: opens node-llama-cpp or an engine, writes on command, ends when its parent lets go of it.
import { createEngine, createIsolatedEngine, llama, type Engine } from '@headway/engine';

import { openBareLoop } from '../bare/bare-loop.ts';
import { treeCost } from '../process-tree.ts';
import { writeInStep } from '../write-in-step.ts';
import { storyPrompt, type LayerOptions } from './layer.ts';
import type { LayerCommand, LayerKind, LayerMessage } from './messages.ts';

const [kind, json] = process.argv.slice(2) as [LayerKind, string];
const options = JSON.parse(json) as LayerOptions;
let prompts = 0;

interface Writer {
  write(stream: number, tokens: number, onText: () => void): Promise<number>;
  close(): Promise<void>;
}

async function open(): Promise<Writer> {
  switch (kind) {
    case 'bare':
      return bare();
    case 'inline':
      return ofEngine(await createEngine({ backend: llama(model), ...shared }));
    case 'isolated':
      return ofEngine(await createIsolatedEngine({ backend: { llama: model }, ...shared }));
    default:
      return kind satisfies never;
  }
}

const model = { model: options.model, threads: options.threads, gpu: false } as const;
const shared = { parallel: options.streams, contextSize: options.contextSize };

async function bare(): Promise<Writer> {
  const loop = await openBareLoop({ ...options, sequences: options.streams });
  return {
    async write(stream, tokens, onText) {
      const sequence = loop.sequences[stream];
      if (!sequence) throw new Error(`there is no sequence ${stream}`);
      await sequence.clearHistory();
      await loop.write(sequence, loop.tokenize(storyPrompt(prompts++)), tokens, onText);
      return tokens;
    },
    close: () => loop.close(),
  };
}

function ofEngine(engine: Engine): Writer {
  return {
    async write(_stream, maxTokens, onText) {
      const prompt = storyPrompt(prompts++);
      let tokens = 0;
      for await (const event of engine.generate({ prompt, maxTokens, temperature: 0, ignoreEos: true })) {
        if (event.type === 'error') throw new Error(event.message);
        if (event.type !== 'token') continue;
        tokens += event.count;
        onText();
      }
      return tokens;
    },
    close: () => engine.close(),
  };
}

const writer = await open();
const send = (message: LayerMessage) => process.send?.(message);
const cpuMs = () => treeCost(process.pid).cpuMs;
process.on('message', ({ streams, tokens }: LayerCommand) => {
  void writeInStep(streams, cpuMs, (stream, onText) => writer.write(stream, tokens, onText)).then((written) =>
    send({ kind: 'written', ...written }),
  );
});
process.once('disconnect', () => void writer.close());
send({ kind: 'ready' });
