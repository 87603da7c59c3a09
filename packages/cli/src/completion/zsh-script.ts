import type { CommandWords, Word } from './command-words.ts';

/** A completion script for zsh. It offers the words of the deepest command typed so far, with descriptions, and files. */
export function zshScript(name: string, commands: readonly CommandWords[]): string {
  const cases = commands.map(({ path, subcommands, options, choices }) => {
    const described = [...choices.map((choice) => ({ names: [choice], description: '' })), ...subcommands, ...options];
    const values = options.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names);
    return `    '${path}') entries=(${described.flatMap(entries).join(' ')}); values=(${values.join(' ')}) ;;`;
  });
  return `#compdef ${name}
# zsh completion for ${name}; put this into ~/.zshrc: source <(${name} completion zsh)
_${name}() {
  local -a entries values
  local path_so_far='' word known
  local -a known_paths=(${commands.map(({ path }) => `'${path}'`).join(' ')})
  for word in "\${(@)words[2,CURRENT-1]}"; do
    known="\${path_so_far:+$path_so_far }$word"
    (( \${known_paths[(Ie)$known]} )) && path_so_far="$known"
  done
  case "$path_so_far" in
${cases.join('\n')}
  esac
  (( \${values[(Ie)\${words[CURRENT-1]}]} )) || _describe '${name}' entries
  _files
}
if [[ "\${funcstack[1]}" == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function entries({ names, description }: Pick<Word, 'names' | 'description'>): string[] {
  const said = description.replaceAll("'", "'\\''").replaceAll(':', '\\:');
  return names.map((one) => (said === '' ? `'${one}'` : `'${one}:${said}'`));
}
