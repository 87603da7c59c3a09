import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { openHome, runHeadway } from './run-headway.ts';

async function script(shell: string): Promise<string> {
  await using home = await openHome();
  const { code, stdout, stderr } = await runHeadway(['completion', shell], home);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Returns what bash offers for the last word. */
function offered(completion: string, ...words: string[]): string[] {
  const typed = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _headway; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', `${completion}\n${ask}`], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}

test('bash completes commands, flags and choices, and file names for other values', async () => {
  const bash = await script('bash');
  expect(offered(bash, 'headway', 'c')).toEqual(['chat', 'config', 'completion']);
  expect(offered(bash, 'headway', 'run', '--te')).toEqual(['--temperature']);
  expect(offered(bash, 'headway', 'models', 'p')).toEqual(['pull']);
  expect(offered(bash, 'headway', 'config', 'c')).toEqual(['check']);
  expect(offered(bash, 'headway', 'serve', '--upstream-t')).toEqual(['--upstream-type']);
  expect(offered(bash, 'headway', 'models', 'pull', '--d')).toEqual(['--dir']);
  expect(offered(bash, 'headway', 'run', '--json', '--se')).toEqual(['--seed']);
  expect(offered(bash, 'headway', 'completion', 'f')).toEqual(['fish']);
  expect(offered(bash, 'headway', 'run', '-f', '')).toEqual([]);
});

test('the completion scripts for zsh and fish describe every command', async () => {
  const zsh = await script('zsh');
  expect(zsh).toMatch(/^#compdef headway/);
  expect(zsh).toContain("'pull:download a model; a stopped download resumes'");
  expect(zsh).toMatch(/'models pull'\) entries=\(.*'--dir:/);
  const fish = await script('fish');
  expect(fish).toContain("complete -c headway -n '__headway_at \\'\\'' -a run -d ");
  expect(fish).toMatch(/__headway_at \\'models pull\\'' -l dir -r -d '/);
});
