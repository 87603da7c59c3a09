import { foreignText, isHeadwayError } from '@headway/protocol';
import { CommanderError, type Command } from 'commander';

import { exitCodes } from './exit-codes.ts';
import { exitWhenFlushed } from './exit-when-flushed.ts';
import { wrapFor } from '../terminal/word-wrap.ts';

/** Runs the command line. Every error becomes one sentence on stderr and an exit code, never a stack. */
export async function runProgram(program: Command): Promise<void> {
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      outputError: (message, write) =>
        write(`${wrapFor(process.stderr, `headway: ${oneLine(message)}; see ${pathOf(command)} --help`)}\n`),
    });
  }
  // The reader closed the pipe (`headway run … | head`), which is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    process.stderr.write(`headway: the output cannot be written (${error.code ?? error.message})\n`);
    process.exit(exitCodes.failure);
  });
  // No stream is left to report this on.
  process.stderr.on('error', () => undefined);
  try {
    await program.parseAsync();
  } catch (thrown) {
    process.exitCode = exitCodeOf(thrown);
    if (!(thrown instanceof CommanderError))
      process.stderr.write(`${wrapFor(process.stderr, `headway: ${sentenceOf(thrown)}`)}\n`);
  }
  await exitWhenFlushed(Number(process.exitCode ?? exitCodes.ok));
}

/** A command and all its subcommands. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** The words that call a command: `headway models pull`. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function exitCodeOf(thrown: unknown): number {
  // commander throws for --help, too, with the exit code 0.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return isHeadwayError(thrown) && thrown.code === 'invalid-request' ? exitCodes.usage : exitCodes.failure;
}

/** The error's message in one line, with the command line's remedy for a missing key. */
export function sentenceOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const noKey = isHeadwayError(thrown) && thrown.code === 'unauthorized';
  return oneLine(noKey ? `${message} (here: --api-key, or HEADWAY_API_KEY)` : message);
}

function oneLine(message: string): string {
  const line = message
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(' is invalid. Use ', ' is invalid: use ')
    .replace(/\.$/, '');
  return foreignText(line);
}
