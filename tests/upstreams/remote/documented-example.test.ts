import { readFile } from 'node:fs/promises';

import { createEngine, formatProgress, remote } from '@headway/engine';
import { expect, it } from 'vitest';

import { startUpstream } from '../start-upstream.ts';

const page = new URL('../../../docs/remote-engines.md', import.meta.url);

it('the example in docs/remote-engines.md runs', async () => {
  await using upstream = await startUpstream(
    { dialect: 'vllm', replies: [{ text: 'Reading the prompt.' }] },
    { ownProcess: false },
  );
  const [, example = ''] = /```ts\n(.*?)```/s.exec(await readFile(page, 'utf8')) ?? [];
  const [imports = '', ...code] = example.trim().split('\n');
  expect(imports).toBe("import { createEngine, formatProgress, remote } from '@headway/engine';");
  const printed: unknown[] = [];
  // oxlint-disable-next-line typescript/no-implied-eval -- the page's own text is what is tested
  const run = new Function(
    'createEngine',
    'formatProgress',
    'remote',
    'console',
    `return (async () => {${code.join('\n').replace('http://127.0.0.1:8000', upstream.url)}})();`,
  ) as (...names: unknown[]) => Promise<void>;
  await run(createEngine, formatProgress, remote, { log: (...args: unknown[]) => printed.push(...args) });
  expect(printed[0]).toBe('estimated');
  expect(printed[1]).toContain('onContextFull: shift');
  expect(printed.at(-1)).toBe('Reading the prompt.');
  expect(printed.slice(2, -1).length).toBeGreaterThan(0);
});
