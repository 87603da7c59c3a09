import { Command, Option } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';
import { wholeNumber } from '../options/number-argument.ts';
import { answerOptions } from '../options/answer-options.ts';
import { generationOptions, modelOptions } from '../options/generation-options.ts';
import type { RunOptions } from './run.ts';

export function runCommand(): Command {
  const command = new Command('run')
    .description('answer one prompt; the text goes to stdout, progress to the terminal')
    .argument('[model]', 'a GGUF file, hf:user/repo:quant, or a name from headway models (default: the embedded one)')
    .argument('[prompt]', 'the prompt, in quotes; a single argument is the prompt')
    .addOption(
      new Option('-f, --file <path>', 'a file to put before the prompt, - is stdin; repeat for more')
        .default([], 'none')
        .argParser((value: string, before: string[]) => [...before, value]),
    );
  for (const option of [...generationOptions(), ...modelOptions(), ...answerOptions()]) command.addOption(option);
  return command
    .addOption(
      new Option('--raw', "continue the prompt as it is, without the model's chat template").conflicts('system'),
    )
    .option(
      '--choices <number>',
      'answers to write over one reading of the prompt, side by side in a wide window',
      wholeNumber(1, 8),
    )
    .option('--json', 'print every event as a line of JSON instead of the text')
    .addHelpText(
      'after',
      `
What is piped to stdin is a part of the prompt: files first, then stdin, then the words.
In a pipe only the text comes out, and on stderr nothing but errors and notices of loading.

Examples:
  headway run "What is prefill?"
  headway run -f report.txt "Sum this up in three lines."
  git diff | headway run "Write a commit message."
  headway run ./qwen3.gguf --temperature 0 --max-tokens 200 "Hello"
  headway run --url http://127.0.0.1:4477 "Hello"
  headway run --json "Hello" | jq -r 'select(.type == "token").text'
${exitCodesHelp}`,
    )
    .action(async (first: string | undefined, second: string | undefined, options: RunOptions) => {
      const { run } = await import('./run.ts');
      await run([first, second], options);
    });
}
