import { expect, test } from 'vitest';

import { templateKwargs } from './template-kwargs.ts';

test.each([
  [undefined, {}, null],
  [null, { effort: null, thinks: null }, null],
  [{}, {}, null],
  [{ a: 1 }, {}, { a: 1 }],
  [null, { effort: 'minimal' }, { reasoning_effort: 'minimal' }],
  [null, { effort: 'none' }, { reasoning_effort: 'none', enable_thinking: false, thinking: false }],
  [null, { thinks: true }, { enable_thinking: true, thinking: true }],
  [null, { thinks: false }, { enable_thinking: false, thinking: false }],
  [{ enable_thinking: true }, { effort: 'none' }, { reasoning_effort: 'none', enable_thinking: true }],
  [{ thinking: false }, { thinks: true }, { thinking: false }],
  [{ reasoning_effort: 'high' }, { effort: 'none' }, { reasoning_effort: 'high' }],
])('templateKwargs merges the kwargs %j and the reasoning fields %j into %j', (own, asked, kwargs) => {
  expect(templateKwargs(own, asked)).toEqual(kwargs);
});
