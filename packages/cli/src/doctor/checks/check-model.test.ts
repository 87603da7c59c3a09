import { expect, test } from 'vitest';

import { chatFinding, checkModel } from './check-model.ts';

const signal = new AbortController().signal;

const plain = { template: true, fault: null, sample: '<user>Hello', thinking: false, switches: [], calls: null };

test.each([
  [plain, 'ok', /says "<user>Hello" for "Hello"; thinks: no; calls: no form of its own/],
  [{ ...plain, thinking: true, switches: ['enable_thinking'] }, 'ok', /thinks: yes \(enable_thinking\)/],
  [{ ...plain, sample: `${'x'.repeat(500)}<assistant>` }, 'ok', /says …x+<assistant>" for/],
  [{ ...plain, template: false }, 'warning', /no chat template/],
  [{ ...plain, template: false, fault: 'the chat template does not parse (why)' }, 'warning', /does not parse/],
])('the chat finding for %j is %s', (abilities, state, what) => {
  const finding = chatFinding(abilities);
  expect(finding.state).toBe(state);
  expect(finding.what).toMatch(what);
});

test('checkModel reports a missing file with a remedy, and opens no engine', async () => {
  const { section, engine } = await checkModel({ model: './missing.gguf', signal });
  expect(engine).toBeNull();
  expect(section.findings).toEqual([
    { state: 'failure', what: 'there is no file ./missing.gguf', remedy: 'check the path' },
  ]);
});
