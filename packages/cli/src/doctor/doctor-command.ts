import { Command, InvalidArgumentError, Option } from 'commander';

import { computeFlagNames, computeOptions } from '../options/compute-options.ts';
import { exitCodesHelp } from '../process/exit-codes.ts';
import { wholeNumber } from '../options/number-argument.ts';
import { threadsOption } from '../options/threads-option.ts';
import { upstreamOptions } from '../options/upstream-options.ts';
import type { DoctorOptions } from './doctor.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description(
      'check this machine, a model and a gateway, and try which progress dialects each kind of client can read',
    )
    .argument(
      '[model]',
      'a GGUF file, hf:user/repo:quant, or a name from headway models; with --url, one of the gateway there',
    )
    .addOption(
      new Option(
        '--url <url>',
        'the gateway (default: http://127.0.0.1:4477; if none answers there, the command serves one for the checks)',
      ).conflicts(['ctx', 'threads', 'advise', ...computeFlagNames()]),
    )
    .addOption(new Option('--api-key <key>', 'key for the gateway').env('HEADWAY_API_KEY'))
    .addOption(
      new Option('--origin <origin>', "check that this origin's pages may use the gateway").argParser(parseOrigin),
    )
    .option('--ctx <tokens>', 'context (default: the trained size, as memory allows)', wholeNumber(16, 16_777_216))
    .addOption(threadsOption());
  for (const option of computeOptions()) command.addOption(option);
  for (const option of upstreamOptions()) command.addOption(option);
  return command
    .addOption(
      new Option(
        '--advise [seconds]',
        'try flags (KV types, flash attention, threads, batch sizes) for so long, and say which pay',
      )
        .preset('60')
        .argParser(wholeNumber(5, 3600)),
    )
    .option('--timeout <seconds>', 'the longest wait for one answer', wholeNumber(1, 3600), 60)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A model is loaded when it is named, or when no gateway answers and no --url was given. Nothing is compiled or
downloaded. The gateway is asked for 8 tokens behind a short prompt some 20 times, as its clients would ask. It ends
with 1 when anything is wrong. With --upstream it checks that server instead: what it is, what progress it gives and
what it lacks, by asking it as headway serve --upstream would.

Examples:
  headway doctor
  headway doctor ./qwen3.gguf
  headway doctor ./qwen3.gguf --advise
  headway doctor --url https://models.example --api-key "$KEY" --origin https://app.example
  headway doctor --upstream http://gpu1:8000/v1
  headway doctor --json | jq '.sections[].findings[] | select(.state != "ok")'
${exitCodesHelp}`,
    )
    .action(async (model: string | undefined, options: DoctorOptions) => {
      const { doctor } = await import('./doctor.ts');
      await doctor(model, options);
    });
}

function parseOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new InvalidArgumentError('Use scheme, host and port alone, e.g. http://localhost:5173.');
}
