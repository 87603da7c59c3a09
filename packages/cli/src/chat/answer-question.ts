import { errorFromData, type GenerateInput } from '@headway/protocol';

import { createAnswerWriter } from '../answer/answer-writer.ts';
import { showFacts } from '../answer/generation-facts.ts';
import { createProgressBar } from '../answer/progress-bar.ts';
import type { TextGenerator } from '../generator/text-generator.ts';

/**
 * Generates and prints the answer to a question. Returns its text, cut short if the signal aborted.
 *
 * @throws HeadwayError the generation's error
 */
export async function answerQuestion(
  generator: TextGenerator,
  input: GenerateInput,
  signal: AbortSignal,
): Promise<string> {
  const answer = createAnswerWriter();
  const bar = createProgressBar();
  let text = '';
  for await (const event of generator.generate(input, { signal, progress: bar })) {
    switch (event.type) {
      case 'prefill':
      case 'span':
        break;
      case 'token':
        bar.makeRoom();
        answer.write(event);
        if (event.channel === 'content') text += event.text;
        break;
      case 'done':
        answer.end();
        if (!process.stdout.isTTY) process.stdout.write('\n');
        showFacts(event);
        if (process.stderr.isTTY) process.stderr.write('\n');
        break;
      case 'error':
        answer.end();
        throw errorFromData(event);
      default:
        event satisfies never;
    }
  }
  return text;
}
