import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { checkConfig } from './schema/check-config.ts';
import { configJsonSchema } from './schema/config-json-schema.ts';
import { parseSource } from './source/parse-source.ts';

const page = new URL('../../../../docs/configuration.md', import.meta.url);

test('the example in docs/configuration.md is valid', async () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(await readFile(page, 'utf8')) ?? [];
  const { value, problems } = parseSource(example, { json: false });
  expect(problems).toEqual([]);
  expect(checkConfig(value).issues).toEqual([]);
  expect(checkConfig(value).config).toMatchObject({ memory: 8e9, models: [{ id: 'qwen' }, { id: 'big' }] });
});

test('the entry in docs/remote-engines.md is valid', async () => {
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(await readFile(new URL('remote-engines.md', page), 'utf8')) ?? [];
  const { value, problems } = parseSource(example, { json: false });
  expect(problems).toEqual([]);
  expect(checkConfig(value)).toMatchObject({
    issues: [],
    config: { models: [{ id: 'big', upstreams: [{ url: 'http://gpu1:8000/v1' }] }] },
  });
});

test('docs/configuration.md names every field', async () => {
  const text = await readFile(page, 'utf8');
  const names = [...JSON.stringify(configJsonSchema()).matchAll(/"(\w+)":\{[^{}]*"description"/g)].map(
    ([, name]) => name,
  );
  expect(names.length).toBeGreaterThan(40);
  for (const name of names) expect(text).toContain(`\`${name}\``);
});
