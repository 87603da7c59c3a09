import { expect, test } from 'vitest';

import { faultOf } from './find-tools.ts';

test.each([
  [['cmake'], 'linux', /^cmake is missing; .*apt install .*apk add/],
  [['git', 'a C++ compiler'], 'linux', /^git and a C\+\+ compiler are missing; /],
  [['cmake'], 'darwin', /^cmake is missing; .*xcode-select/],
  [[], 'win32', /Windows/],
] as const)('%j on %s: %s', (missing, platform, fault) => {
  expect(faultOf(missing, platform)).toMatch(fault);
});

test('nothing is wrong where nothing is missing', () => {
  expect(faultOf([], 'linux')).toBeNull();
});
