import { expect, it } from 'vitest';

import { connectionLimit, leastFiles, openFilesLimit, ownFiles, fileLimitFault, softLimit } from './file-limit.ts';

it('softLimit reads the soft limit where the system reports one', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max processes             63449                63449                processes \n' +
    'Max open files            64                   1048576              files     \n';
  expect(softLimit(limits)).toBe(64);
  expect(softLimit(limits.replace(/64 {19}/, 'unlimited            '))).toBeNull();
  expect(openFilesLimit() ?? leastFiles).toBeGreaterThanOrEqual(leastFiles);
});

it('the error says how many files are missing and how to raise the limit', () => {
  expect(fileLimitFault(64)).toMatch(/may open 64 files, 192 too few: it needs 256; raise the limit \(ulimit -n/);
  expect(fileLimitFault(leastFiles)).toBeNull();
  expect(fileLimitFault(null)).toBeNull();
});

it('the connections never use up the files that the gateway itself needs', () => {
  expect(connectionLimit(1024, 4096)).toBe(1024 - ownFiles);
  expect(connectionLimit(1_048_576, 4096)).toBe(4096);
  expect(connectionLimit(null, 4096)).toBe(4096);
});
