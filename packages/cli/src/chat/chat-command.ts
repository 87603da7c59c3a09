import { Command } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';
import { generationOptions, modelOptions } from '../options/generation-options.ts';
import type { ChatOptions } from './chat.ts';
import { chatHelp } from './chat-command-line.ts';

export function chatCommand(): Command {
  const command = new Command('chat')
    .description('talk with a model, here or at a gateway')
    .argument('[model]', 'a GGUF file, hf:user/repo:quant, or a name from headway models (default: the embedded one)');
  for (const option of [...generationOptions(), ...modelOptions()]) command.addOption(option);
  return command
    .addHelpText(
      'after',
      `
In the chat:
${chatHelp.replace(/^/gm, '  ')}

Examples:
  headway chat
  headway chat ./qwen3.gguf --system "Answer in one sentence."
  headway chat --url http://127.0.0.1:4477
${exitCodesHelp}`,
    )
    .action(async (model: string | undefined, options: ChatOptions) => {
      const { chat } = await import('./chat.ts');
      await chat(model, options);
    });
}
