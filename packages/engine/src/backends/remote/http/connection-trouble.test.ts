import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { connectionTrouble } from './connection-trouble.ts';
import { UpstreamHttp } from './upstream-http.ts';

const coded = (code: string) => Object.assign(new Error(`${code} 10.1.2.3:8000`), { code });

it('finds the code in causes and in errors of several addresses', () => {
  const refused = coded('ECONNREFUSED');
  for (const thrown of [refused, new TypeError('fetch failed', { cause: refused }), new AggregateError([refused])]) {
    expect(connectionTrouble(thrown)).toBe('the upstream refuses connections; send the request again');
  }
});

it.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /self-signed; .*NODE_EXTRA_CA_CERTS/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /not trusted; .*NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not known; .*NODE_EXTRA_CA_CERTS/],
  ['CERT_HAS_EXPIRED', /expired; .*renew/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /another host name/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /http:\/\/ or https:\/\//],
  ['EPROTO', /http:\/\/ or https:\/\//],
  ['HPE_INVALID_CONSTANT', /does not speak HTTP; check/],
  ['E_NEW', /^the connection to the upstream broke; send/],
])('tells the remedy for %s, and no address', (code, words) => {
  expect(connectionTrouble(coded(code))).toMatch(words);
  expect(connectionTrouble(coded(code))).not.toContain('10.1.2.3');
});

it('tells an answer that a reader fails at from a broken connection', () => {
  expect(connectionTrouble(new TypeError("Cannot read properties of null (reading 'x')"))).toBe(
    'the upstream sent an answer that cannot be read; send the request again',
  );
  expect(connectionTrouble('?')).toBe('the connection to the upstream broke; send the request again');
});

it('tells an answer that breaks off from one that is no HTTP', () => {
  const thrown = new Error('Response does not match the HTTP/1.1 protocol (Invalid EOF state)');
  thrown.name = 'HTTPParserError';
  expect(connectionTrouble(thrown)).toBe('the upstream closed the connection; send the request again');
});

it.each([
  ['https', 'HTTP/1.1 400 Bad Request\r\n\r\n', /does not speak TLS/],
  ['http', 'SSH-2.0-OpenSSH_9.6\r\n', /does not speak HTTP/],
])('tells a server behind %s:// that answers %j', async (scheme, said, words) => {
  const server = createServer((socket) => void socket.on('error', () => undefined).end(said)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const http = new UpstreamHttp({ url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
  const thrown = await http.ask('v1/models', { signal: new AbortController().signal }).catch((error: unknown) => error);
  expect(connectionTrouble(thrown)).toMatch(words);
  await http.close();
});
