import { expect, test } from 'vitest';

import { isSafeLink, leadsOutside } from './safe-link.ts';

test.each(['https://a.example', 'HTTP://a.example/x?y=z:1', 'mailto:me@a.example'])('%j leads outside', (url) => {
  expect([isSafeLink(url), leadsOutside(url)]).toEqual([true, true]);
});

test.each(['./README.md', '#part', '/v1/models', '//a.example', 'a/b:c', ''])('%j is harmless but no link', (url) => {
  expect([isSafeLink(url), leadsOutside(url)]).toEqual([true, false]);
});

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'java\u0000script:alert(1)',
  '\u200bjavascript:alert(1)',
  'vbscript:x',
  'data:text/html,x',
  'data:image/png;base64,AAAA',
  'blob:https://a.example/1',
  'file:///etc/passwd',
  'intent:x',
])('%j is refused', (url) => {
  expect([isSafeLink(url), leadsOutside(url)]).toEqual([false, false]);
});
