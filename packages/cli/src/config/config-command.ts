import { Command } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';

export function configCommand(): Command {
  return new Command('config')
    .description('check a config file of headway serve, or print its schema')
    .addCommand(
      new Command('check')
        .description('check a config file, and list what it would serve')
        .argument('[file]', 'the file (default: headway.config.json, .yaml or .ts in this folder)')
        .option('--json', 'print JSON')
        .action(async (file: string | undefined, options: { json?: boolean }) => {
          const { checkConfigFile } = await import('./check/check-config-file.ts');
          await checkConfigFile(file, options);
        }),
    )
    .addCommand(
      new Command('schema').description('print the JSON schema of the file, for editors').action(async () => {
        const { configJsonSchema } = await import('./schema/config-json-schema.ts');
        process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
      }),
    )
    .addHelpText(
      'after',
      `
The file has the flags of headway serve in camel case, and models. check reads it, the files that it names and the keys,
and reaches no server. Each problem is a line with its place and its remedy.

Examples:
  headway config check
  headway config check ./headway.config.yaml
  headway config schema > headway.schema.json
${exitCodesHelp}`,
    );
}
