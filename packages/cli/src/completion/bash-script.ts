import type { CommandWords } from './command-words.ts';

/** A completion script for bash. It offers the words of the deepest command typed so far, or else files. */
export function bashScript(name: string, commands: readonly CommandWords[]): string {
  const cases = commands.map(({ path, subcommands, options, choices }) => {
    const words = [...subcommands, ...options].flatMap(({ names }) => names);
    const values = options.filter(({ takesValue }) => takesValue).flatMap(({ names }) => names);
    return `    '${path}') words='${[...choices, ...words].join(' ')}' values='${values.join(' ')}' ;;`;
  });
  return `# bash completion for ${name}; put this into ~/.bashrc: source <(${name} completion bash)
_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path='' word words values known
  local commands=' ${commands.map(({ path }) => path.replaceAll(' ', '/')).join(' ')} '
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    known="\${path:+$path/}$word"
    [[ "$commands" == *" $known "* ]] && path="$known"
  done
  case "\${path//\\// }" in
${cases.join('\n')}
  esac
  COMPREPLY=()
  if [[ " $values " != *" $prev "* ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
}
complete -o bashdefault -o default -F _${name} ${name}
`;
}
