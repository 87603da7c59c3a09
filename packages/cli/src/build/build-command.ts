import { Command, Option } from 'commander';

import { wholeNumber } from '../options/number-argument.ts';
import { exitCodesHelp } from '../process/exit-codes.ts';
import type { BuildOptions } from './build.ts';

export function buildCommand(): Command {
  return new Command('build')
    .description('compile llama.cpp for this machine, and use it where it is faster')
    .addOption(
      new Option('--gpu <interface>', 'what it computes on: auto is what the prebuilt binary uses here')
        .choices(['auto', 'cuda', 'vulkan', 'metal', 'false'])
        .default('auto'),
    )
    .option('--jobs <number>', 'compilers that run at once (default: one a core)', wholeNumber(1, 1024))
    .option('--force', 'build again what is built, and keep it even if it is not faster')
    .option('--model <path>', 'a GGUF file to measure the speed with (default: one with random weights, 76M)')
    .addOption(
      new Option('--measure', 'compare the build that is there with the prebuilt binary again').conflicts([
        'jobs',
        'force',
      ]),
    )
    .addOption(new Option('--list', 'list the builds').conflicts(['measure', 'jobs', 'force', 'model']))
    .addOption(new Option('--remove', 'remove all builds').conflicts(['list', 'measure', 'jobs', 'force', 'model']))
    .addHelpText(
      'after',
      `
It takes the source that comes with node-llama-cpp, and downloads nothing. It needs git, cmake, a C++ compiler and make or
ninja, 0.6 GB of disk, and some minutes. The build is kept if it writes the same texts as the prebuilt binary and is
faster. Then every command uses it, unless HEADWAY_PREBUILT=1 is set.

Examples:
  headway build
  headway build --model ./qwen3.gguf --force
  headway build --gpu cuda
  headway build --list
${exitCodesHelp}`,
    )
    .action(async (options: BuildOptions) => {
      const { build } = await import('./build.ts');
      await build(options);
    });
}
