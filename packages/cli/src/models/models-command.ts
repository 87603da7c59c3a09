import { Command, Option } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';
import { formatTable } from '../terminal/format-table.ts';
import { formatBytes, jsonText } from '@headway/protocol';
import type { ListedModel } from './list-models.ts';
import { pullCommand } from './pull-command.ts';
import { formatParameters } from '../terminal/format-parameters.ts';

export function modelsCommand(): Command {
  return new Command('models')
    .description('list the models on this machine, and whether they fit its memory')
    .addOption(
      new Option('--dir <folder>', 'list the GGUF files in this folder, too; repeat for more')
        .default([], "node-llama-cpp's models folder")
        .argParser((value: string, before: string[]) => [...before, value]),
    )
    .option('--json', 'print JSON')
    .addCommand(pullCommand())
    .addHelpText(
      'after',
      `
A model fits when its weights and its whole context leave a tenth of the memory free.

Examples:
  headway models
  headway models --dir ./models --json
  headway models pull hf:Qwen/Qwen3-4B-GGUF:Q4_K_M
${exitCodesHelp}`,
    )
    .action(async ({ dir, json }: { dir: string[]; json?: boolean }) => {
      const { listModels } = await import('./list-models.ts');
      const models = await listModels(dir);
      process.stdout.write(json ? `${jsonText(models, 2)}\n` : tableOf(models));
    });
}

function tableOf(models: readonly ListedModel[]): string {
  const rows = models.map(({ name, embedded, sizeBytes, parameters, trainContextSize, fits, problem }) => [
    embedded ? `${name} (embedded)` : name,
    sizeBytes === null ? '-' : formatBytes(sizeBytes),
    parameters === null ? '-' : formatParameters(parameters),
    trainContextSize === null ? '-' : trainContextSize.toLocaleString('en'),
    problem ?? fits ?? '-',
  ]);
  return formatTable(['MODEL', 'SIZE', 'PARAMETERS', 'CONTEXT', 'FITS'], rows);
}
