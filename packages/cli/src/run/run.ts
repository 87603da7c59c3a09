import { isModelAddress } from '@headway/engine';
import type { GenerateInput } from '@headway/protocol';

import { findModel, namesModel } from '../models/find-model.ts';
import type { AnswerOptions } from '../options/answer-options.ts';
import { canDraw } from '../terminal/stream-colors.ts';
import type { GenerationOptions, ModelOptions } from '../options/generation-options.ts';
import { openGenerator } from '../generator/open-generator.ts';
import { printAnswers, printEvents, printText } from '../answer/print-answer.ts';
import { columnWidth } from '../answer/side-by-side/column-layout.ts';
import { printSideBySide } from '../answer/side-by-side/print-side-by-side.ts';
import { createProgressBar } from '../answer/progress-bar.ts';
import { untilSignalled } from '../process/until-signalled.ts';
import { readPrompt, type ReadPrompt } from './read-prompt.ts';

export interface RunOptions extends GenerationOptions, ModelOptions, AnswerOptions {
  file: string[];
  raw?: boolean;
  json?: boolean;
  choices?: number;
}

/** Runs `headway run`: reads one prompt and prints its answer. */
export async function run(words: readonly (string | undefined)[], options: RunOptions): Promise<void> {
  const { model, prompt } = modelAndPrompt(words, options);
  const input = {
    ...(options.url && model && { model }),
    ...toInput(await readPrompt({ files: options.file, words: prompt }), options),
  };
  await untilSignalled(async (signal) => {
    const generator = await openGenerator({ ...options, model, parallel: options.choices, signal });
    try {
      if (options.json) {
        await printEvents(generator.generate(input, { signal }));
      } else {
        const whileLoading = options.url !== undefined || !isModelAddress(findModel(model));
        const { choices = 1 } = input;
        const sideBySide =
          choices > 1 && canDraw(process.stdout) && columnWidth(choices, process.stdout.columns) !== null;
        const whileWriting = (choices > 1 && !sideBySide) || !process.stdout.isTTY;
        const bar = createProgressBar({ whileWriting, whileLoading });
        const events = generator.generate(input, { signal, progress: bar });
        const { markdown } = options;
        if (sideBySide) await printSideBySide(events, bar, { choices, markdown });
        else await (choices > 1 ? printAnswers : printText)(events, bar, { markdown });
      }
    } finally {
      await generator.close();
    }
  });
}

/** A single argument is the prompt, unless it names a model: then the prompt is in a file or on stdin. */
function modelAndPrompt([first, second]: readonly (string | undefined)[], { url }: RunOptions) {
  if (second !== undefined) return { model: first, prompt: second };
  if (first !== undefined && url === undefined && namesModel(first)) return { model: first, prompt: undefined };
  return { model: undefined, prompt: first };
}

function toInput(
  { text: prompt, spans }: ReadPrompt,
  { raw, system, maxTokens, temperature, seed, choices }: RunOptions,
): GenerateInput {
  const sampling = { maxTokens, temperature, seed, choices, ...(spans.length > 0 && { spans }) };
  if (raw) return { ...sampling, prompt };
  const messages = [{ role: 'user' as const, content: prompt }];
  return {
    ...sampling,
    messages: system === undefined ? messages : [{ role: 'system', content: system }, ...messages],
  };
}
