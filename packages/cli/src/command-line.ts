import { Command } from 'commander';

import { headwayVersion } from './version.ts';
import { benchCommand } from './bench/bench-command.ts';
import { buildCommand } from './build/build-command.ts';
import { chatCommand } from './chat/chat-command.ts';
import { completionCommand } from './completion/completion-command.ts';
import { configCommand } from './config/config-command.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { exitCodesHelp } from './process/exit-codes.ts';
import { keysCommand } from './keys/keys-command.ts';
import { modelsCommand } from './models/models-command.ts';
import { runProgram } from './process/run-program.ts';
import { runCommand } from './run/run-command.ts';
import { serveCommand } from './serve/serve-command.ts';
import { watchCommand } from './watch/watch-command.ts';

// Each command imports its code when it runs, so that help and usage errors appear at once.
const program = new Command('headway')
  .description('Streaming gateway for language models that you run yourself')
  .version(headwayVersion)
  .addCommand(serveCommand())
  .addCommand(runCommand())
  .addCommand(chatCommand())
  .addCommand(watchCommand())
  .addCommand(modelsCommand())
  .addCommand(configCommand())
  .addCommand(keysCommand())
  .addCommand(benchCommand())
  .addCommand(buildCommand())
  .addCommand(doctorCommand())
  .addCommand(completionCommand())
  .addHelpText(
    'after',
    `
Examples:
  headway run "What is prefill?"
  headway chat
  headway serve --model ./qwen3.gguf
${exitCodesHelp}`,
  );

await runProgram(program);
