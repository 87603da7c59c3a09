import { expect, test } from 'vitest';

import { shownUrl, upstreamUrlFault } from './upstream-url.ts';

test.each(['http://gpu1:8000/v1', 'https://models.example', 'http://[::1]:8080/v1/', 'http://127.0.0.1:1234'])(
  'an upstream can be at %s',
  (url) => expect(upstreamUrlFault(url)).toBeNull(),
);

test.each([
  ['gpu1:8000', /http or https address/],
  ['', /http or https address/],
  ['ftp://gpu1/v1', /http or https address/],
  ['file:///etc/passwd', /http or https address/],
  ['http://secret@gpu1/v1', /user or a password.*keyEnv or keyFile/],
  ['http://me:secret@gpu1/v1', /user or a password.*keyEnv or keyFile/],
  ['http://gpu1/v1?key=secret', /query.*keyEnv or keyFile/],
  ['http://gpu1/v1?', /query/],
  ['http://gpu1/v1#secret', /fragment/],
])('upstreamUrlFault refuses %j, and does not repeat it', (url, why) => {
  expect(upstreamUrlFault(url)).toMatch(why);
  expect(upstreamUrlFault(url)).not.toContain('secret');
});

test('shownUrl leaves out the path, in which a key may stand', () => {
  expect(shownUrl('https://models.example:8443/secret/v1')).toBe('https://models.example:8443');
});
