const plain = [
  ...['bash', 'c', 'cpp', 'csharp', 'css', 'dart', 'diff', 'dockerfile', 'elixir', 'go', 'graphql', 'haskell', 'ini'],
  ...['java', 'javascript', 'json', 'julia', 'kotlin', 'latex', 'lua', 'makefile', 'markdown', 'nginx', 'perl', 'php'],
  ...['powershell', 'python', 'r', 'ruby', 'rust', 'scala', 'scss', 'sql', 'swift', 'typescript', 'xml', 'yaml'],
];

const aliases: Record<string, string> = {
  'c#': 'csharp',
  'c++': 'cpp',
  cc: 'cpp',
  console: 'bash',
  cs: 'csharp',
  docker: 'dockerfile',
  golang: 'go',
  h: 'c',
  hpp: 'cpp',
  hs: 'haskell',
  html: 'xml',
  js: 'javascript',
  json5: 'json',
  jsonc: 'json',
  jsonl: 'json',
  jsx: 'javascript',
  kt: 'kotlin',
  make: 'makefile',
  md: 'markdown',
  mjs: 'javascript',
  patch: 'diff',
  ps1: 'powershell',
  py: 'python',
  python3: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'bash',
  shell: 'bash',
  svg: 'xml',
  tex: 'latex',
  toml: 'ini',
  ts: 'typescript',
  tsx: 'typescript',
  vue: 'xml',
  yml: 'yaml',
  zsh: 'bash',
};

const known = new Map([...plain.map((name) => [name, name] as const), ...Object.entries(aliases)]);

/** The name of the grammar for a fence's word; null without one. */
export function grammarOf(language: string): string | null {
  return known.get(language.toLowerCase()) ?? null;
}
