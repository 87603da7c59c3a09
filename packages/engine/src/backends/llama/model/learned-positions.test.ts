import { expect, test } from 'vitest';

import { capContext } from './learned-positions.ts';

test('the context is reduced to the learned positions, with a notice', () => {
  const notice =
    'the context is 1,024 tokens instead of 4,096, because the model has only 1,024 positions; use --ctx 1024 or less';
  expect(capContext(4096, 1024)).toEqual({ contextSize: 1024, notices: [notice] });
});

test.each([
  [1024, 1024],
  [512, 1024],
  [4096, null],
  [null, 1024],
])('%s tokens of context with %s learned positions are unchanged', (asked, learned) => {
  expect(capContext(asked, learned)).toEqual({ contextSize: asked, notices: [] });
});
