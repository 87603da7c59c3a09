import { expect, test } from 'vitest';

import { chatFinding, checkModel } from './check-model.ts';

const signal = new AbortController().signal;

test.each([
  [
    { template: true, format: 'ChatML', tools: 'prompt', thinking: false } as const,
    'ok',
    /tools: told in the prompt; thinking: no/,
  ],
  [
    { template: true, format: 'Qwen', tools: 'template', thinking: true } as const,
    'ok',
    /in its own template; thinking: yes/,
  ],
  [{ template: true, format: 'Jinja', tools: 'template', thinking: null } as const, 'ok', /thinking: perhaps/],
  [{ template: false, format: 'General', tools: 'prompt', thinking: false } as const, 'warning', /no chat template/],
])('%j is %s', (abilities, state, what) => {
  const finding = chatFinding(abilities);
  expect(finding.state).toBe(state);
  expect(finding.what).toMatch(what);
});

test('a file that is not there is a failure with a remedy, and no engine is left', async () => {
  const { section, engine } = await checkModel({ model: './missing.gguf', signal });
  expect(engine).toBeNull();
  expect(section.findings).toEqual([
    { state: 'failure', what: 'there is no file ./missing.gguf', remedy: 'check the path' },
  ]);
});
