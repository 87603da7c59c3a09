import { describe, expect, test } from 'vitest';

import { readHeartbeatKind } from './heartbeat-kind.ts';
import { readProgressDialects } from './progress-dialects.ts';

const silence = { llamaCpp: false, named: false, comment: false, swiftLm: false };

test('who asks for nothing gets nothing', () => {
  expect(readProgressDialects({}, false)).toEqual(silence);
});

test('each form that is asked for is given', () => {
  const headers = { 'x-headway-progress': 'named', 'x-swiftlm-prefill-progress': '1' };
  expect(readProgressDialects(headers, true)).toEqual({ llamaCpp: true, named: true, comment: false, swiftLm: true });
});

test.each([
  ['named', { named: true }],
  [' NAMED ', { named: true }],
  ['Comment', { comment: true }],
])('X-Headway-Progress: %j', (value, asked) => {
  expect(readProgressDialects({ 'x-headway-progress': value }, false)).toEqual({ ...silence, ...asked });
});

test.each(['', '1', 'true', 'names', 'named, comment', 'off'])('X-Headway-Progress: %j is refused', (value) => {
  expect(() => readProgressDialects({ 'x-headway-progress': value }, false)).toThrow(
    expect.objectContaining({
      code: 'invalid-request',
      message: 'X-Headway-Progress: must be named or comment; send one of them, or none',
    }),
  );
});

test.each([
  ...['1', 'on', 'true', 'yes', ' YES ', 'On'].map((value) => [value, true] as const),
  ...['', '0', 'off', 'false', 'no', '2', 'yes please'].map((value) => [value, false] as const),
])("X-SwiftLM-Prefill-Progress: %j asks: %s, and never fails, as SwiftLM's", (value, asked) => {
  expect(readProgressDialects({ 'x-swiftlm-prefill-progress': value }, false).swiftLm).toBe(asked);
});

describe('X-Headway-Heartbeat', () => {
  test.each([
    [undefined, 'data', 'data'],
    ['comment', 'data', 'comment'],
    [' Data ', 'comment', 'data'],
  ] as const)('%j where %s is usual is %s', (value, usual, form) => {
    expect(readHeartbeatKind({ 'x-headway-heartbeat': value }, usual)).toBe(form);
  });

  test.each(['', 'ping', 'off'])('%j is refused by its name and what would be right', (value) => {
    expect(() => readHeartbeatKind({ 'x-headway-heartbeat': value }, 'comment')).toThrow(
      /^X-Headway-Heartbeat: must be comment or data/,
    );
  });
});
