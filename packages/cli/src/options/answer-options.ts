import { Option } from 'commander';

/** The values of `answerOptions()`. */
export interface AnswerOptions {
  markdown?: boolean;
}

/** How a terminal shows an answer. */
export function answerOptions(): Option[] {
  return [new Option('--no-markdown', 'show the text as the model wrote it; a pipe always gets it so')];
}
