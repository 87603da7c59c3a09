import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { fieldError } from './field-error.ts';
import { formatPath, readPath, type FieldPath } from './field-path.ts';
import { describeIssues, Field, readIssues, renameIssue, sentence } from './issue.ts';

describe('formatPath', () => {
  test.each<[FieldPath, string]>([
    [[], 'request'],
    [['messages', 0, 'role'], 'messages[0].role'],
    [['logitBias', '5'], 'logitBias.5'],
    [['schema', 'two words', 'a"b'], 'schema["two words"]["a\\"b"]'],
    [[0, 'a'], '[0].a'],
  ])('writes %j as %s', (path, text) => {
    expect(formatPath(path)).toBe(text);
  });

  test('writes what readPath reads', () => {
    const name = fc.stringMatching(/^[A-Za-z_]\w*$/);
    // A step such as '5' is a name, 5 is an index.
    const step = fc.oneof(fc.string(), name, fc.nat());
    fc.assert(
      fc.property(name, fc.array(step), (first, steps) => {
        expect(readPath(formatPath([first, ...steps]))).toEqual({ path: [first, ...steps], rest: '' });
      }),
    );
  });
});

test('readPath returns the end of a cut path unparsed', () => {
  expect(readPath('tools[0].parameters.properties.ag…')).toEqual({
    path: ['tools', 0, 'parameters', 'properties'],
    rest: '.ag…',
  });
  expect(readPath('a["\\q"].b')).toEqual({ path: ['a'], rest: '["\\q"].b' });
  expect(readPath('and 3 more')).toEqual({ path: ['and 3 more'], rest: '' });
});

const upper = (path: FieldPath): FieldPath =>
  path.map((step) => (typeof step === 'string' ? step.toUpperCase() : step));

describe('renameIssue', () => {
  test('renames the path and the fields that the message mentions, and no other word', () => {
    const issue = {
      path: ['stop', 0],
      ...sentence`stop: cannot be combined with ${new Field('tools', 1, 'name')} or ${new Field('seed')}; leave seed out`,
    };
    expect(issue.message).toBe('stop: cannot be combined with tools[1].name or seed; leave seed out');
    const renamed = renameIssue(issue, upper);
    expect(renamed).toMatchObject({
      path: ['STOP', 0],
      message: 'stop: cannot be combined with TOOLS[1].NAME or SEED; leave seed out',
    });
    // A second rename finds the new offsets.
    expect(renameIssue(renamed, (path) => [...path, 'x']).message).toBe(
      'stop: cannot be combined with TOOLS[1].NAME.x or SEED.x; leave seed out',
    );
  });

  test('keeps the message when it mentions no field', () => {
    fc.assert(
      fc.property(fc.string(), (message) => {
        expect(renameIssue({ path: ['a'], message }, upper)).toEqual({ path: ['A'], message });
      }),
    );
  });
});

test('an error describes 5 issues, counts the rest and keeps 20', () => {
  const issues = Array.from({ length: 25 }, (_, at) => ({ path: [`f${at}`], message: 'no' }));
  const error = fieldError(issues);
  expect(error.message).toBe('f0: no; f1: no; f2: no; f3: no; f4: no; and 20 more');
  expect(error.issues).toEqual(issues.slice(0, 20));
  expect(describeIssues(issues.slice(0, 1))).toBe('f0: no');
});

test('readIssues skips entries that are not issues', () => {
  const whole = { path: ['a', 0], message: 'x', expected: 'y', mentions: [{ at: 0, path: ['b'] }] };
  const broken = [
    null,
    5,
    {},
    { path: 'a', message: 'x' },
    { ...whole, mentions: [{ at: 'x' }] },
    { ...whole, expected: 1 },
  ];
  expect(readIssues([...broken, whole])).toEqual([whole]);
  expect(readIssues('issues')).toEqual([]);
});
