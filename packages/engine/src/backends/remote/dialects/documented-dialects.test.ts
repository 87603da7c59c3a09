import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import type { Probe } from '../http/probe.ts';
import { chooseDialect } from './detect.ts';
import { dialectNames, type Dialect } from './dialect.ts';

const page = new URL('../../../../../../docs/remote-engines.md', import.meta.url);

/** The rows of the page's table, by dialect and column. */
async function documented(): Promise<Map<string, Record<string, string>>> {
  const lines = (await readFile(page, 'utf8')).split('\n');
  const at = lines.findIndex((line) => line.startsWith('| server | `type` |'));
  const cells = (line: string) => line.split('|').map((cell) => cell.trim());
  const columns = cells(lines[at] ?? '');
  const rows = lines.slice(at + 2, lines.indexOf('', at)).map(cells);
  return new Map(
    rows.map((row) => [
      (row[2] ?? '').replaceAll('`', ''),
      Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])),
    ]),
  );
}

/** What the table says of a dialect, from the dialect itself. */
function said(dialect: Dialect) {
  const { reportsProgress, severalAnswers, rawPrompts, fields, tokenizer, name } = dialect;
  const { without = [] } = fields;
  const has = (field: (typeof without)[number]) => expect.stringMatching(without.includes(field) ? /^no$/ : /^yes/);
  const keepsFormats = fields.format?.({ type: 'choice', choices: ['a'] }) !== undefined || name === 'headway';
  return {
    progress: expect.stringMatching(
      reportsProgress ? /^reported$/ : name === 'lm-studio' ? /^reported in REST v1/ : /^estimated$/,
    ),
    'required tools': has('toolChoice'),
    'JSON schema': keepsFormats ? 'yes, every format' : has('responseFormat'),
    logprobs: has('logprobs'),
    choices: severalAnswers ? 'one request' : 'one each',
    tokenizer: tokenizer?.applyTemplate ? 'whole' : tokenizer ? 'no template' : 'no',
    'raw prompts': rawPrompts ? 'yes' : 'no',
    'its queue': expect.stringMatching(
      name === 'headway' || name === 'llama-server' || ('watch' in dialect && tokenizer) ? /place/ : /^no$/,
    ),
  };
}

test('the table in docs/remote-engines.md says of each dialect what it has', async () => {
  const rows = await documented();
  expect([...rows.keys()].toSorted()).toEqual([...dialectNames].toSorted());
  for (const name of dialectNames) {
    const dialect = chooseDialect({} as Probe, name);
    expect({ name, ...rows.get(name) }).toMatchObject({ name, ...said(dialect) });
  }
});
