import type { Command } from 'commander';

/** What may follow a command, as a completion script needs it. */
export interface CommandWords {
  /** `models pull`; empty for the program itself. */
  path: string;
  subcommands: Word[];
  options: Word[];
  /** Words that the first argument may be; empty where it may be anything, e.g. a file. */
  choices: readonly string[];
}

export interface Word {
  /** All its names: `-f`, `--file`. */
  names: string[];
  description: string;
  /** Whether a value follows. */
  takesValue: boolean;
}

/** Walks commander's own tree of commands, so that no list is kept twice. */
export function commandWords(command: Command, path: readonly string[] = []): CommandWords[] {
  const help = command.createHelp();
  const own: CommandWords = {
    path: path.join(' '),
    subcommands: help
      .visibleCommands(command)
      .map((one) => ({ names: [one.name()], description: one.description(), takesValue: false })),
    options: help.visibleOptions(command).map((option) => ({
      names: [option.short, option.long].filter((name) => name !== undefined),
      description: option.description,
      takesValue: option.required || option.optional,
    })),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [own, ...command.commands.flatMap((one) => commandWords(one, [...path, one.name()]))];
}
