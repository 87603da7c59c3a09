import { describe, expect, test } from 'vitest';

import { errorData } from './error-data.ts';
import { HeadwayError, isHeadwayError, issuesOf, toHeadwayError } from './headway-error.ts';

test('an error is retryable by its code unless the caller says otherwise', () => {
  expect(new HeadwayError('queue-full', 'x').retryable).toBe(true);
  expect(new HeadwayError('invalid-request', 'x').retryable).toBe(false);
  expect(new HeadwayError('queue-full', 'x', { retryable: false }).retryable).toBe(false);
});

test('an error keeps its issues, and has none by default', () => {
  const issues = [{ path: ['topK'], message: 'must be a number' }];
  expect(new HeadwayError('invalid-request', 'x', { issues }).issues).toEqual(issues);
  expect(new HeadwayError('internal', 'x').issues).toEqual([]);
});

test('the error of an older copy of the package has no issues', () => {
  const foreign = Object.assign(new Error('x'), { name: 'HeadwayError', code: 'internal', retryable: false });
  if (!isHeadwayError(foreign)) throw new Error('isHeadwayError rejected the error');
  expect(issuesOf(foreign)).toEqual([]);
  expect(errorData(foreign)).toEqual({ code: 'internal', message: 'x', retryable: false });
});

describe('isHeadwayError', () => {
  test('recognises an error of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { name: 'HeadwayError', code: 'internal', retryable: false });
    expect(isHeadwayError(foreign)).toBe(true);
  });

  test.each([
    new Error('x'),
    Object.assign(new Error('x'), { code: 'internal' }),
    Object.assign(new Error('x'), { name: 'HeadwayError', code: 'ENOENT' }),
    Object.assign(new Error('x'), { name: 'HeadwayError', code: 'toString' }),
    { name: 'HeadwayError', code: 'internal', message: 'x' },
    null,
    'HeadwayError',
  ])('rejects %s', (value) => {
    expect(isHeadwayError(value)).toBe(false);
  });
});

describe('toHeadwayError', () => {
  test('returns a HeadwayError as it is', () => {
    const error = new HeadwayError('conflict', 'x');
    expect(toHeadwayError(error)).toBe(error);
  });

  test('wraps any other value, with the original as its cause', () => {
    const cause = new Error('oops');
    expect(toHeadwayError(cause)).toMatchObject({ code: 'internal', message: 'oops', cause });
    expect(toHeadwayError('oops', 'connection-lost')).toMatchObject({
      code: 'connection-lost',
      message: 'oops',
      retryable: true,
    });
    expect(toHeadwayError(undefined)).toMatchObject({ code: 'internal', message: 'undefined' });
  });
});
