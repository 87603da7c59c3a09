import { describe, expect, test } from 'vitest';

import { readHeartbeatKind } from './heartbeat-kind.ts';
import { readProgressDialects } from './progress-dialects.ts';

const silence = { llamaCpp: false, named: false, comment: false, swiftLm: false };

test('a request without headers and return_progress asks for no progress dialect', () => {
  expect(readProgressDialects({}, false)).toEqual(silence);
});

test('a request may ask for several progress dialects', () => {
  const headers = { 'x-headway-progress': 'named', 'x-swiftlm-prefill-progress': '1' };
  expect(readProgressDialects(headers, true)).toEqual({ llamaCpp: true, named: true, comment: false, swiftLm: true });
});

test.each([
  ['named', { named: true }],
  [' NAMED ', { named: true }],
  ['Comment', { comment: true }],
])('X-Headway-Progress: %j is read', (value, asked) => {
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
])('X-SwiftLM-Prefill-Progress: %j turns progress on: %s', (value, asked) => {
  expect(readProgressDialects({ 'x-swiftlm-prefill-progress': value }, false).swiftLm).toBe(asked);
});

describe('X-Headway-Heartbeat', () => {
  test.each([
    [undefined, 'data', 'data'],
    ['comment', 'data', 'comment'],
    [' Data ', 'comment', 'data'],
  ] as const)('%j with the default %s is %s', (value, usual, kind) => {
    expect(readHeartbeatKind({ 'x-headway-heartbeat': value }, usual)).toBe(kind);
  });

  test.each(['', 'ping', 'off'])('%j is refused with the allowed values', (value) => {
    expect(() => readHeartbeatKind({ 'x-headway-heartbeat': value }, 'comment')).toThrow(
      /^X-Headway-Heartbeat: must be comment or data/,
    );
  });
});
