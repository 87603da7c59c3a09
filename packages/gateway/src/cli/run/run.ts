import { isModelAddress } from '@headway/engine';
import { HeadwayError, type GenerateInput, type GenerationEvent } from '@headway/protocol';

import { createAnswerWriter } from '../answer-writer.ts';
import { findModel, namesModel } from '../find-model.ts';
import { generationFacts } from '../generation-facts.ts';
import type { GenerationOptions, ModelOptions } from '../generation-options.ts';
import { openGenerator } from '../open-generator.ts';
import { createProgressBar, type ProgressBar } from '../progress-bar.ts';
import { colorsFor } from '../stream-colors.ts';
import { untilSignalled } from '../until-signalled.ts';
import { readPrompt } from './read-prompt.ts';

export interface RunOptions extends GenerationOptions, ModelOptions {
  file: string[];
  raw?: boolean;
  json?: boolean;
}

/** Runs `headway run`: one prompt, one answer. */
export async function run(words: readonly (string | undefined)[], options: RunOptions): Promise<void> {
  const { model, prompt } = modelAndPrompt(words, options);
  const input = {
    ...(options.url && model && { model }),
    ...toInput(await readPrompt({ files: options.file, words: prompt }), options),
  };
  await untilSignalled(async (signal) => {
    const generator = await openGenerator({ ...options, model });
    try {
      if (options.json) {
        await printEvents(generator.generate(input, { signal }));
      } else {
        const whileLoading = options.url !== undefined || !isModelAddress(findModel(model));
        const bar = createProgressBar({ whileWriting: !process.stdout.isTTY, whileLoading });
        await printText(generator.generate(input, { signal, progress: bar }), bar);
      }
    } finally {
      await generator.close();
    }
  });
}

/** One word alone is the prompt, unless it names a model and the prompt comes from elsewhere. */
function modelAndPrompt([first, second]: readonly (string | undefined)[], { url }: RunOptions) {
  if (second !== undefined) return { model: first, prompt: second };
  if (first !== undefined && url === undefined && namesModel(first)) return { model: first, prompt: undefined };
  return { model: undefined, prompt: first };
}

function toInput(prompt: string, { raw, system, maxTokens, temperature, seed }: RunOptions): GenerateInput {
  const sampling = { maxTokens, temperature, seed };
  if (raw) return { ...sampling, prompt };
  const messages = [{ role: 'user' as const, content: prompt }];
  return {
    ...sampling,
    messages: system === undefined ? messages : [{ role: 'system', content: system }, ...messages],
  };
}

async function printEvents(events: AsyncIterable<GenerationEvent>): Promise<void> {
  for await (const event of events) {
    process.stdout.write(`${JSON.stringify(event)}\n`);
    throwIfFailed(event);
  }
}

async function printText(events: AsyncIterable<GenerationEvent>, bar: ProgressBar): Promise<void> {
  const answer = createAnswerWriter();
  for await (const event of events) {
    if (event.type === 'token') {
      bar.makeRoom();
      answer.write(event);
    }
    if (event.type === 'done' || event.type === 'error') answer.end();
    if (event.type === 'done' && process.stderr.isTTY) {
      process.stderr.write(`${colorsFor(process.stderr).dim(generationFacts(event))}\n`);
    }
    throwIfFailed(event);
  }
}

function throwIfFailed(event: GenerationEvent): void {
  if (event.type === 'error') throw new HeadwayError(event.code, event.message);
}
