import { Command, Option } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';
import type { WatchOptions } from './watch.ts';

export function watchCommand(): Command {
  return new Command('watch')
    .description('show what a gateway does, redrawn each second, or one answer from its first word on')
    .argument('[id]', 'the generation to watch; left out: all that the gateway does')
    .option('--url <url>', 'the gateway', 'http://127.0.0.1:4477')
    .addOption(new Option('--api-key <key>', 'key for the gateway').env('HEADWAY_API_KEY'))
    .option('--json', 'print every event, or generation, as a line of JSON')
    .addHelpText(
      'after',
      `
Without an id: models, slots, queue, speed and connections. In a pipe, and with --json, a list of the generations, once.
Watching starts nothing, and leaving (q or Ctrl-C) ends nothing. Each key sees its own; others' are "in use".

Examples:
  headway watch
  headway watch 0c9e5b1f
  headway watch --json 0c9e5b1f | jq -r 'select(.type == "token").text'
${exitCodesHelp}`,
    )
    .action(async (id: string | undefined, options: WatchOptions) => {
      const { watch } = await import('./watch.ts');
      await watch(id, options);
    });
}
