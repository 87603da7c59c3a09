import { Command } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';
import { formatTable } from '../terminal/format-table.ts';

export function keysCommand(): Command {
  return new Command('keys')
    .description('make, list and remove the API keys of a key file')
    .addCommand(
      new Command('add')
        .description('make a key, print it once, and keep its SHA-256 in the file')
        .argument('<file>', 'the key file; created if it does not exist')
        .argument('<name>', 'the name of the key: letters, digits, "_", "." or "-"')
        .action(async (file: string, name: string) => {
          const { addKey } = await import('./edit-keys.ts');
          process.stdout.write(`${await addKey(file, name)}\n`);
        }),
    )
    .addCommand(
      new Command('list')
        .description('list the names in the file, each with its owner as the logs show it')
        .argument('<file>', 'the key file')
        .action(async (file: string) => {
          const { listKeys } = await import('./edit-keys.ts');
          const rows = (await listKeys(file)).map(({ name, owner }) => [name, owner]);
          process.stdout.write(formatTable(['NAME', 'OWNER'], rows));
        }),
    )
    .addCommand(
      new Command('remove')
        .description('remove a key from the file')
        .argument('<file>', 'the key file')
        .argument('<name>', 'the name of the key')
        .action(async (file: string, name: string) => {
          const { removeKey } = await import('./edit-keys.ts');
          await removeKey(file, name);
        }),
    )
    .addHelpText(
      'after',
      `
A running gateway reads the file again when it changes.

Examples:
  headway keys add keys.txt laptop
  headway serve --host 0.0.0.0 --api-key-file keys.txt
  headway keys remove keys.txt laptop
${exitCodesHelp}`,
    );
}
