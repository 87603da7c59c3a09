import { expect, test } from 'vitest';

import { summaryEveryMs, type SummaryOption } from './summary-option.ts';

test('summaries come every 200 ms unless the option says otherwise, and not without it', () => {
  expect([undefined, false, true, {}, { everyMs: 0 }, { everyMs: 1000 }].map(summaryEveryMs)).toEqual([
    null,
    null,
    200,
    200,
    0,
    1000,
  ]);
});

test.each([
  ['yes', 'summary', /must be true, or options such as \{ everyMs: 200 \}/],
  [null, 'summary', /must be true/],
  [{ everyMs: -1 }, 'summary.everyMs', /-1 is not a time; give 0 to 2147483647 ms/],
  [{ everyMs: NaN }, 'summary.everyMs', /NaN is not a time/],
  [{ everyMs: 'soon' }, 'summary.everyMs', /soon is not a time/],
])('the option %j is refused by name', (option, field, message) => {
  const check = () => summaryEveryMs(option as unknown as SummaryOption);
  expect(check).toThrow(expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(message) }));
  expect(check).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path: field.split('.') })] }));
});
