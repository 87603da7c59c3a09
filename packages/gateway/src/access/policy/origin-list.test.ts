import { describe, expect, test } from 'vitest';

import { createOriginList } from './origin-list.ts';

const yes: [string, string][] = [
  ['https://App.example', 'https://app.example'],
  ['https://app.example:443/', 'https://app.example'],
  ['app://headway', 'app://headway'],
  ['http://localhost:*', 'http://localhost:5173'],
  ['http://localhost:*', 'http://localhost'],
  ['http://[::1]:*', 'http://[::1]:8080'],
  ['https://*.example.com', 'https://a.example.com'],
  ['https://*.example.com', 'https://a.b.example.com'],
  ['https://*.example.com:*', 'https://a.example.com:8443'],
  ['http://*.localhost:3000', 'http://app.localhost:3000'],
  ['chrome-extension://*', 'chrome-extension://abcdefgh'],
  ['vscode-webview://*', 'vscode-webview://1a2b3c'],
];
const no: [string, string][] = [
  ['http://localhost:*', 'https://localhost:5173'],
  ['http://localhost:*', 'http://localhost.evil.example:80'],
  ['http://localhost:*', 'http://evil.example'],
  ['https://*.example.com', 'https://example.com'],
  ['https://*.example.com', 'https://evilexample.com'],
  ['https://*.example.com', 'https://a.example.com.evil.example'],
  ['https://*.example.com', 'https://a.exampleXcom'],
  ['https://*.example.com', 'https://a.example.com:8443'],
  ['chrome-extension://*', 'moz-extension://abcdefgh'],
  ['chrome-extension://*', 'null'],
  ['https://app.example', 'null'],
];

describe('the allowed origin', () => {
  test.each(yes)('%s matches %s', (rule, origin) => expect(createOriginList([rule]).has(origin)).toBe(true));
  test.each(no)('%s does not match %s', (rule, origin) => expect(createOriginList([rule]).has(origin)).toBe(false));
});

test.each(['*', 'null', 'NULL', 'http://*', 'https://*:*', 'file://*'])(
  'createOriginList refuses %j, which would match every page',
  (text) => {
    expect(() => createOriginList([text])).toThrow(/^--allow-origin: .*every page/);
  },
);

test.each([
  'app.example',
  'https://app.example/path',
  'https://',
  '',
  'https://a*.example',
  '*://x',
  'https://*.com',
  'x://a*',
])('createOriginList refuses the invalid pattern %j', (text) =>
  expect(() => createOriginList([text])).toThrow(/^--allow-origin: /),
);
