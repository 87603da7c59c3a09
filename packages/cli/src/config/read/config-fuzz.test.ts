import fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { problemLine } from '../source/config-problem.ts';
// Imported before the tests, since the first import takes seconds on a busy machine.
import './local-model.ts';
import { openConfigFolder } from './config-folder.fixture.ts';
import { readConfig } from './read-config.ts';

const soak = process.env['HEADWAY_SOAK'] === '1';
const timeout = soak ? 600_000 : 30_000;
const secret = 'sk-Secret-0123456789abcdef';

/** A config with the secret in every place where people put keys. */
const sound = `port: 4477
memory: 8GB
apiKey: ${secret}
allowHost: [box]
models:
  - file: hf:user/repo:Q4
    aliases: [small, "*"]
    kvType: q8_0,f16
    ttl: 300
  - id: big
    key: "${secret}"
    upstreams:
      - url: http://gpu1:8000/v1
        keyEnv: ${secret}
      - url: https://me:${secret}@gpu2/v1
        keyFile: ${secret}
      - url: https://gpu2/v1?key=${secret}
        headers: { Authorization: "Bearer ${secret}" }
        api_key: '${secret}'
`;

const junk = fc.oneof(
  fc.constantFrom(
    '\n',
    '\t',
    ' ',
    ':',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '*',
    '&a ',
    '!',
    '%',
    '#',
    '|',
    '>',
    '? ',
    ',',
    '\\',
    '---\n',
    '\u0000',
    '\ufeff',
    '\r',
    '<<: ',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const cut = fc.record({ at: fc.nat(), length: fc.nat(40), junk });

/** The text with some pieces cut out and others put in. The secret stays whole. */
function broken(text: string, cuts: readonly { at: number; length: number; junk: string }[]): string {
  return cuts.reduce((before, { at, length, junk: inserted }) => {
    const from = at % (before.length + 1);
    return before.slice(0, from) + inserted + before.slice(from + length);
  }, text);
}

test('a broken config gives problems, throws nothing, and no line shows a key', { timeout }, async () => {
  await using folder = await openConfigFolder({});
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(cut, { maxLength: 6 }), fc.constantFrom('yaml', 'json'), async (cuts, ending) => {
      const name = `fuzz.${ending}`;
      await writeFile(join(folder.path, name), broken(sound, cuts));
      const { config, problems } = await readConfig(name, folder.path);
      expect(config === null).toBe(problems.length > 0);
      refused += problems.length > 0 ? 1 : 0;
      for (const problem of problems) {
        const line = problemLine(name, problem);
        expect(line).toMatch(/^fuzz\.(yaml|json)(:\d+:\d+)?( [^:]+)?: \S/);
        expect(line).not.toMatch(/\n/);
        expect(line).not.toContain(secret);
      }
    }),
    { numRuns: soak ? 5_000 : 150 },
  );
  expect(refused).toBeGreaterThan(0);
});

test('any value of any field gives a config or problems, and throws nothing', { timeout }, async () => {
  const names = [
    'port',
    'models',
    'file',
    'upstreams',
    'url',
    'keyEnv',
    'id',
    'aliases',
    'limit',
    'ttl',
    '__proto__',
    'constructor',
    'threads',
    'memory',
    'kvType',
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, 1, -0, 1e300, 'x', '', '*', 'http://a'),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }),
  }));
  await using folder = await openConfigFolder({});
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }), async (file) => {
      await writeFile(join(folder.path, 'fuzz.json'), JSON.stringify(file));
      const { config, problems } = await readConfig('fuzz.json', folder.path);
      expect(config === null).toBe(problems.length > 0);
      for (const { line, message } of problems) {
        expect(line).toBe(1);
        expect(message).toMatch(/\w/);
      }
    }),
    { numRuns: soak ? 5_000 : 150 },
  );
});
