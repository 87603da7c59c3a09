import { errorFromData, type GenerateInput } from '@headway/protocol';

import { createAnswerWriter } from '../answer/answer-writer.ts';
import { showFacts } from '../answer/generation-facts.ts';
import { createProgressBar } from '../answer/progress-bar.ts';
import type { TextGenerator } from '../generator/text-generator.ts';

export interface AnswerQuestionOptions {
  /** Stops the answer. */
  signal: AbortSignal;
  /** Ends the chat: nothing more is printed, though a stalled answer may not have reacted to its signal. */
  ending: AbortSignal;
  markdown: boolean | undefined;
  /** Is called with each piece of the answer. */
  onText: (text: string) => void;
}

/**
 * Generates and prints the answer to a question.
 *
 * @throws HeadwayError the generation's error
 */
export async function answerQuestion(
  generator: TextGenerator,
  input: GenerateInput,
  { signal, ending, markdown, onText }: AnswerQuestionOptions,
): Promise<void> {
  const answer = createAnswerWriter({ markdown });
  const bar = createProgressBar();
  const leave = () => {
    bar.makeRoom();
    answer.end();
  };
  ending.addEventListener('abort', leave, { once: true });
  try {
    for await (const event of generator.generate(input, { signal, progress: bar })) {
      if (ending.aborted) return;
      switch (event.type) {
        case 'prefill':
        case 'span':
          break;
        case 'token':
          bar.makeRoom();
          answer.write(event);
          if (event.channel === 'content') onText(event.text);
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
  } finally {
    ending.removeEventListener('abort', leave);
  }
}
