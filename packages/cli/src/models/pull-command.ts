import { Command } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';

export function pullCommand(): Command {
  return new Command('pull')
    .description('download a model; a stopped download resumes')
    .argument('<address>', 'hf:user/repo:quant, or an https address of a GGUF file')
    .option('--dir <folder>', "where to put it (default: node-llama-cpp's models folder, where headway run finds it)")
    .addHelpText(
      'after',
      `
The path of the file goes to stdout.

Examples:
  headway models pull hf:Qwen/Qwen3-4B-GGUF:Q4_K_M
  headway models pull --dir ./models https://example.com/model.gguf
${exitCodesHelp}`,
    )
    .action(async (address: string, options: { dir?: string }) => {
      const { pull } = await import('./pull.ts');
      await pull(address, options);
    });
}
