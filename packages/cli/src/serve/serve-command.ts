import { isHeadwayError } from '@headway/protocol';
import { Command, InvalidArgumentError, Option } from 'commander';

import { limitNames, parseLimit, type Limits } from '@headway/gateway/limits';
import { chatTemplateOptions } from '../options/chat-template-options.ts';
import { chosenCompute, computeOptions } from '../options/compute-options.ts';
import { machineMemory } from '../models/machine-memory.ts';
import { exitCodes, exitCodesHelp } from '../process/exit-codes.ts';
import { wholeNumber } from '../options/number-argument.ts';
import { engineChoices, logLevels, serveBounds } from '../options/serve-bounds.ts';
import { parseSize } from '../options/size-argument.ts';
import type { ServeFlags } from './serve-options.ts';
import { threadsOption } from '../options/threads-option.ts';
import { chosenUpstreams, upstreamOptions } from '../options/upstream-options.ts';

export function serveCommand(): Command {
  const command = new Command('serve');
  for (const option of chatTemplateOptions()) command.addOption(option);
  const described = command
    .description('serve models over tRPC, the OpenAI API and a page')
    .addOption(
      repeatable('--model <path|uri>', 'a GGUF file, or hf:user/repo:quant; repeat for more', 'the embedded one'),
    )
    .option('--config <path>', 'a config file (default: headway.config.json, .yaml or .ts in this folder)')
    .option('--no-config', 'read no config file')
    .addOption(
      repeatable('--alias <name>', "another name for the first model, '*' for any name; repeat for more", 'none'),
    )
    .option('--port <number>', 'port to listen on; 0 takes any free one', wholeNumber(...serveBounds.port), 4477)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--parallel <number>', 'slots: requests a model works on at once', wholeNumber(...serveBounds.parallel), 4)
    .option(
      '--ctx <tokens>',
      'context of a slot (default: the trained size, as memory allows)',
      wholeNumber(...serveBounds.ctx),
    )
    .option(
      '--max-queue <number>',
      'requests that may wait for a slot of one model',
      wholeNumber(...serveBounds.maxQueue),
      64,
    )
    .option('--queue-timeout <seconds>', 'longest wait for a slot', wholeNumber(...serveBounds.queueTimeout), 600)
    .option(
      '--itl-budget <ms>',
      'longest pause between two tokens of an answer while the model reads other prompts',
      wholeNumber(...serveBounds.itlBudget),
      100,
    )
    .option(
      '--memory <size>',
      'memory for the models together, such as 6GB or 50%: they are loaded when asked for, and unloaded to make room',
      (text: string) => parseSize(text, machineMemory()),
    )
    .option('--ttl <seconds>', 'unload a model that was idle for so long', wholeNumber(...serveBounds.ttl))
    .addOption(threadsOption())
    .option('--prebuilt', "use llama.cpp's prebuilt binary even where headway build made one");
  for (const option of [...computeOptions(), ...upstreamOptions()]) described.addOption(option);
  return described
    .addOption(
      repeatable(
        '--allow-origin <origin>',
        'let pages of this origin use the gateway (http://localhost:* is any port); repeat for more',
        'its own',
      ),
    )
    .addOption(repeatable('--allow-host <name>', 'another host name of the gateway; repeat for more', "this machine's"))
    .option(
      '--grace <seconds>',
      'how long a generation goes on after its client lost the connection',
      wholeNumber(...serveBounds.grace),
      30,
    )
    .option(
      '--generation-time <seconds>',
      'longest time for a generation, the wait for a slot included',
      wholeNumber(...serveBounds.generationTime),
      7200,
    )
    .option(
      '--generation-tokens <number>',
      'most tokens of a generation, all its choices together',
      wholeNumber(...serveBounds.generationTokens),
      262_144,
    )
    .addOption(
      new Option(
        '--engine <where>',
        'isolated: in a process of its own, started again after a crash; inline: in the gateway’s process',
      )
        .choices(engineChoices)
        .default('isolated'),
    )
    .option(
      '--drain <seconds>',
      'how long running answers may go on after a signal; a second signal ends them at once',
      wholeNumber(...serveBounds.drain),
      30,
    )
    .addOption(new Option('--api-key-file <path>', 'accept the keys in this file, which headway keys makes'))
    .addOption(
      new Option('--api-key <key>', 'accept this key; repeat for more. Other users of this machine can see it')
        .default([], 'none')
        .env('HEADWAY_API_KEY')
        .argParser((value: string, before: string[]) => [...before, ...value.split(/[\s,]+/).filter(Boolean)]),
    )
    .addOption(
      new Option('--limit <name=number>', `a limit for each key or address: ${limitNames.join(', ')}; repeat for more`)
        .default({}, 'more than one person needs')
        .argParser((value: string, before: Partial<Limits>) => ({ ...before, ...limitArgument(value) })),
    )
    .option('--no-auth', 'accept every client that reaches the port without a key, also from other machines')
    .addOption(
      new Option('--log-level <level>', 'the lowest level to log, as JSON on stderr')
        .choices(logLevels)
        .default('warn'),
    )
    .addHelpText(
      'after',
      `
Examples:
  headway serve
  headway serve --model ./qwen3.gguf --parallel 2 --ctx 16384
  headway serve --model ./qwen3.gguf --model ./gemma.gguf --memory 8GB --ttl 600
  headway serve --host 0.0.0.0 --api-key-file keys.txt
  headway serve --model hf:Qwen/Qwen3-4B-GGUF:Q4_K_M --port 8080
  headway serve --upstream http://gpu1:8000/v1 --upstream-key-env GPU1_KEY
  headway serve --config ./headway.config.yaml
${exitCodesHelp}
Stopped by a signal, it finishes what runs (--drain) and ends with 0.`,
    )
    .action(async (flags: ServeFlags, command: Command) => {
      // Contradicting flags are wrong usage, not a failure of the gateway.
      chosenCompute(flags);
      chosenUpstreams(flags);
      const { planServe } = await import('./plan-serve.ts');
      const plan = await planServe(flags, givenFlags(command));
      if (plan === null) {
        process.exitCode = exitCodes.usage;
        return;
      }
      const { serve } = await import('./serve.ts');
      await serve(plan);
    });
}

/** The flags that the command line or the environment set; the others have their defaults. */
function givenFlags(command: Command): ReadonlySet<string> {
  const names = command.options.map((option) => option.attributeName());
  return new Set(names.filter((name) => ['cli', 'env'].includes(command.getOptionValueSource(name) ?? '')));
}

function limitArgument(text: string): Partial<Limits> {
  try {
    return parseLimit(text);
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    throw new InvalidArgumentError(thrown.message);
  }
}

function repeatable(flags: string, description: string, shownDefault: string): Option {
  return new Option(flags, description)
    .default([], shownDefault)
    .argParser((value: string, before: string[]) => [...before, value]);
}
