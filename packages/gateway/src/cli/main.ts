#!/usr/bin/env node
import { Command } from 'commander';

import { headwayVersion } from '../version.ts';
import { chatCommand } from './chat/chat-command.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { runProgram } from './run-program.ts';
import { runCommand } from './run/run-command.ts';
import { serveCommand } from './serve-command.ts';

const program = new Command('headway')
  .description('Streaming gateway for language models that you run yourself')
  .version(headwayVersion)
  .addCommand(serveCommand())
  .addCommand(runCommand())
  .addCommand(chatCommand())
  .addHelpText('after', exitCodesHelp);

await runProgram(program);
