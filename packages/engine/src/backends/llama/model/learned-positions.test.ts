import { expect, test } from 'vitest';

import { boundByPositions } from './learned-positions.ts';

test('a context is cut to the positions that were learned, and that is said', () => {
  const notice =
    'the context is 1,024 tokens and not 4,096: the model learned 1,024 positions and has no others; use --ctx 1024 or less';
  expect(boundByPositions(4096, 1024)).toEqual({ contextSize: 1024, notices: [notice] });
});

test.each([
  [1024, 1024],
  [512, 1024],
  [4096, null],
  [null, 1024],
])('%s tokens of context with %s learned positions stay', (asked, learned) => {
  expect(boundByPositions(asked, learned)).toEqual({ contextSize: asked, notices: [] });
});
