import type { Command } from 'commander';

/** The words that may follow a command, for a completion script. */
export interface CommandWords {
  /** For example `models pull`; empty for the program itself. */
  path: string;
  subcommands: Word[];
  options: Word[];
  /** The choices of the first argument; empty where it is free text, such as a file. */
  choices: readonly string[];
}

export interface Word {
  /** All names of the option: `-f`, `--file`. */
  names: string[];
  description: string;
  /** Whether the option takes a value. */
  takesValue: boolean;
}

/** Lists the words of commander's own tree of commands. */
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
