import type { CommandWords } from './command-words.ts';

/** A completion script for fish: one line for each word, with its description. */
export function fishScript(name: string, commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ path, subcommands, options, choices }) => {
    const at = `complete -c ${name} -n ${quote(`__${name}_at ${quote(path)}`)}`;
    return [
      ...choices.map((choice) => `${at} -a ${choice}`),
      ...subcommands.map(({ names, description }) => `${at} -a ${names.join(' ')} -d ${quote(description)}`),
      ...options.map(({ names, description, takesValue }) => {
        const flags = names.map((one) => (one.startsWith('--') ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`));
        return `${at} ${flags.join(' ')}${takesValue ? ' -r' : ''} -d ${quote(description)}`;
      }),
    ];
  });
  return `# fish completion for ${name}: ${name} completion fish > ~/.config/fish/completions/${name}.fish
function __${name}_at
    set -l commands ${commands.map(({ path }) => quote(path)).join(' ')}
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l known (string trim -- "$path $word")
        contains -- $known $commands; and set path $known
    end
    test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}

/** Quotes for fish, whose single quotes know only the escapes \\' and \\\\. */
function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
