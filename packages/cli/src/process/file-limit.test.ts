import { expect, it } from 'vitest';

import { connectionsWithin, leastFiles, openFilesLimit, ownFiles, whatIsMissing, softLimit } from './file-limit.ts';

it('reads the limit that holds, where the system tells', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max processes             63449                63449                processes \n' +
    'Max open files            64                   1048576              files     \n';
  expect(softLimit(limits)).toBe(64);
  expect(softLimit(limits.replace(/64 {19}/, 'unlimited            '))).toBeNull();
  expect(openFilesLimit() ?? leastFiles).toBeGreaterThanOrEqual(leastFiles);
});

it('says what is missing and by how much', () => {
  expect(whatIsMissing(64)).toMatch(/may open 64 files, 192 too few: it needs 256; raise the limit \(ulimit -n/);
  expect(whatIsMissing(leastFiles)).toBeNull();
  expect(whatIsMissing(null)).toBeNull();
});

it('leaves the gateway its own files, however many connections were asked for', () => {
  expect(connectionsWithin(1024, 4096)).toBe(1024 - ownFiles);
  expect(connectionsWithin(1_048_576, 4096)).toBe(4096);
  expect(connectionsWithin(null, 4096)).toBe(4096);
});
