import { Command, InvalidArgumentError } from 'commander';

import { computeOptions } from '../options/compute-options.ts';
import { exitCodesHelp } from '../process/exit-codes.ts';
import { wholeNumber } from '../options/number-argument.ts';
import { threadsOption } from '../options/threads-option.ts';
import type { BenchOptions } from './bench.ts';

export function benchCommand(): Command {
  const command = new Command('bench')
    .description('measure how fast a model reads and writes on this machine')
    .argument('[model]', 'a GGUF file, hf:user/repo:quant, or a name from headway models (default: the embedded one)')
    .option('--sizes <tokens>', 'prompt sizes to measure, with commas between', promptSizes, [128, 512, 2048])
    .option('--write <tokens>', 'tokens to write behind each prompt', wholeNumber(1, 100_000), 64)
    .option('--repeat <number>', 'runs of each size; the median counts', wholeNumber(1, 100), 3)
    .option('--ctx <tokens>', 'context (default: the trained size, as memory allows)', wholeNumber(16, 16_777_216))
    .addOption(threadsOption());
  for (const option of computeOptions()) command.addOption(option);
  return command
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Prompts are read without anything cached. The engine is the one that headway serve uses, with one slot.

Examples:
  headway bench
  headway bench ./qwen3.gguf --sizes 1000,4000 --threads 8
  headway bench --json > before.json
${exitCodesHelp}`,
    )
    .action(async (model: string | undefined, options: BenchOptions) => {
      const { bench } = await import('./bench.ts');
      await bench(model, options);
    });
}

function promptSizes(text: string): number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size >= 16 && size <= 1_000_000)) return sizes;
  throw new InvalidArgumentError('Use whole numbers from 16 to 1000000, with commas between.');
}
