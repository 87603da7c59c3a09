import { Argument, Command } from 'commander';

import { exitCodesHelp } from '../process/exit-codes.ts';
import { bashScript } from './bash-script.ts';
import { commandWords } from './command-words.ts';
import { fishScript } from './fish-script.ts';
import { zshScript } from './zsh-script.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function completionCommand(): Command {
  return new Command('completion')
    .description('print a script that completes commands and flags in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      `
Examples:
  echo 'source <(headway completion bash)' >> ~/.bashrc
  echo 'source <(headway completion zsh)' >> ~/.zshrc
  headway completion fish > ~/.config/fish/completions/headway.fish
${exitCodesHelp}`,
    )
    .action((shell: keyof typeof scripts, _options: unknown, command: Command) => {
      const program = command.parent ?? command;
      process.stdout.write(scripts[shell](program.name(), commandWords(program)));
    });
}
