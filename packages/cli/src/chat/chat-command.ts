import { Command, Option } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';
import { answerOptions } from '../options/answer-options.ts';
import { generationOptions, modelOptions } from '../options/generation-options.ts';
import type { ChatOptions } from './chat-options.ts';
import { chatHelp } from './chat-command-line.ts';

export function chatCommand(): Command {
  const command = new Command('chat')
    .description('talk with a model, here or at a gateway')
    .argument('[model]', 'a GGUF file, hf:user/repo:quant, or a name from headway models (default: the embedded one)');
  for (const option of [...generationOptions(), ...modelOptions(), ...answerOptions()]) command.addOption(option);
  return command
    .addOption(new Option('-c, --continue', 'go on with the conversation that was saved last').conflicts('resume'))
    .option('--resume [id]', 'go on with this saved conversation; without an id, list them')
    .option('--no-save', 'do not save the conversation')
    .addHelpText(
      'after',
      `
In the chat:
${chatHelp.replace(/^/gm, '  ')}

A conversation at a terminal is saved as it goes, for your user alone, and the command names it when it ends.

Examples:
  headway chat
  headway chat ./qwen3.gguf --system "Answer in one sentence."
  headway chat --url http://127.0.0.1:4477
  headway chat --continue
${exitCodesHelp}`,
    )
    .action(async (model: string | undefined, options: ChatOptions) => {
      const { chat } = await import('./chat.ts');
      await chat(model, options);
    });
}
