import { describe, expect, test } from 'vitest';

import { checkAccess } from './access-policy.ts';
import { createAccessPolicy, isLoopbackBind } from './create-access-policy.ts';

const local = createAccessPolicy({ host: '127.0.0.1', allowHosts: [], allowOrigins: [] });

const ask = (headers: Record<string, string>, { method = 'GET', upgrade = false, policy = local } = {}) =>
  checkAccess({ method, upgrade, headers: { host: '127.0.0.1:4477', ...headers } }, policy);

describe('Host', () => {
  test.each([
    '127.0.0.1:4477',
    'localhost:4477',
    'LOCALHOST',
    'localhost.:4477',
    'demo.localhost:4477',
    '[::1]:4477',
    '127.8.9.1',
    '0x7f.1:4477',
  ])('checkAccess admits the loopback name %s', (host) => expect(ask({ host })).toBeNull());

  test.each([
    'evil.example',
    'evil.example:4477',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'notlocalhost',
    '192.168.1.7:4477',
    '0.0.0.0:4477',
  ])('checkAccess refuses the name %s and names --allow-host', (host) => {
    const refusal = ask({ host });
    expect(refusal).toMatchObject({ code: 'forbidden' });
    expect(refusal?.message).toMatch(/^Host: .*--allow-host/);
  });

  test.each(['', ' ', 'evil@localhost', 'localhost/x', 'localhost?', 'a b', '[::1'])(
    'checkAccess refuses the invalid Host %j',
    (host) => {
      expect(ask({ host })?.message).toMatch(/^Host: /);
    },
  );

  test('checkAccess refuses a request without Host', () => {
    expect(checkAccess({ method: 'GET', upgrade: false, headers: {} }, local)?.message).toMatch(/^Host: /);
  });

  test('checkAccess admits an allowed name with any port', () => {
    const policy = createAccessPolicy({ host: '127.0.0.1', allowHosts: ['Box.Example'], allowOrigins: [] });
    expect(ask({ host: 'box.example:80' }, { policy })).toBeNull();
    expect(ask({ host: 'other.example' }, { policy })).not.toBeNull();
  });

  test('a gateway on all addresses admits the addresses of its machine', () => {
    const policy = createAccessPolicy({
      host: '0.0.0.0',
      allowHosts: [],
      allowOrigins: [],
      ownAddresses: () => ['192.168.1.7', 'fe80::1'],
    });
    expect(ask({ host: '192.168.1.7:4477' }, { policy })).toBeNull();
    expect(ask({ host: '[fe80::1]:4477' }, { policy })).toBeNull();
    expect(ask({ host: '0.0.0.0:4477' }, { policy })).toBeNull();
    expect(ask({ host: '192.168.1.8:4477' }, { policy })).not.toBeNull();
    expect(ask({ host: 'evil.example' }, { policy })).not.toBeNull();
  });

  test('a gateway on one address admits that address alone', () => {
    const policy = createAccessPolicy({ host: 'fe80::2', allowHosts: [], allowOrigins: [] });
    expect(ask({ host: '[fe80::2]:4477' }, { policy })).toBeNull();
    expect(ask({ host: '[fe80::1]:4477' }, { policy })).not.toBeNull();
  });
});

describe('Origin', () => {
  test.each([{ upgrade: true }, { method: 'POST' }, {}])("checkAccess admits the gateway's own page: %j", (how) => {
    expect(ask({ origin: 'http://127.0.0.1:4477', 'sec-fetch-site': 'same-origin' }, how)).toBeNull();
  });

  test("checkAccess admits the gateway's own page behind a TLS proxy", () => {
    const policy = createAccessPolicy({ host: '127.0.0.1', allowHosts: ['ai.example'], allowOrigins: [] });
    expect(ask({ host: 'ai.example', origin: 'https://ai.example' }, { policy, upgrade: true })).toBeNull();
    expect(ask({ host: 'ai.example', origin: 'https://ai.example:8443' }, { policy, upgrade: true })).not.toBeNull();
  });

  test.each([
    'https://evil.example',
    'http://127.0.0.1:9999',
    'http://localhost:4477',
    'http://127.0.0.1',
    'null',
    'file://',
    'chrome-extension://abc',
    'http://127.0.0.1:4477.evil.example',
    'http://127.0.0.1:4477, http://x',
    '',
  ])('checkAccess refuses the origin %j and names --allow-origin', (origin) => {
    for (const how of [{ upgrade: true }, { method: 'POST' }, { method: 'OPTIONS' }, { method: 'GET' }]) {
      const refusal = ask({ origin }, how);
      expect(refusal).toMatchObject({ code: 'forbidden' });
      expect(refusal?.message).toMatch(/^Origin: .*--allow-origin/);
    }
  });

  test('checkAccess refuses a navigation with a foreign Origin', () => {
    const headers = {
      origin: 'null',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(ask(headers, { method: 'POST' })).not.toBeNull();
    expect(ask(headers)).not.toBeNull();
  });

  test('checkAccess admits a cross-site request of an allowed origin', () => {
    const policy = createAccessPolicy({
      host: '127.0.0.1',
      allowHosts: [],
      allowOrigins: ['https://App.example/', 'app://obsidian.md'],
    });
    for (const origin of ['https://app.example', 'app://obsidian.md']) {
      expect(ask({ origin, 'sec-fetch-site': 'cross-site' }, { policy, upgrade: true })).toBeNull();
    }
    expect(ask({ origin: 'http://app.example' }, { policy })).not.toBeNull();
  });

  test('checkAccess refuses a foreign Host even with an allowed origin', () => {
    const policy = createAccessPolicy({ host: '127.0.0.1', allowHosts: [], allowOrigins: ['https://app.example'] });
    expect(ask({ host: 'app.example', origin: 'https://app.example' }, { policy })?.message).toMatch(/^Host: /);
  });
});

describe('Sec-Fetch-Site', () => {
  test.each(['cross-site', 'same-site', 'cross-site, none'])('checkAccess refuses %s without an Origin', (site) => {
    expect(ask({ 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })?.message).toMatch(
      /^Sec-Fetch-Site: .*--allow-origin/,
    );
  });

  test.each(['none', 'same-origin'])('checkAccess admits %s', (site) =>
    expect(ask({ 'sec-fetch-site': site })).toBeNull(),
  );

  test('checkAccess refuses a cross-site request whose Origin equals its Host (another scheme, or a redirect)', () => {
    expect(ask({ origin: 'http://127.0.0.1:4477', 'sec-fetch-site': 'cross-site' })).not.toBeNull();
  });

  test('a link on another site may open the page, but may not frame it or post to it', () => {
    const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(ask({ ...navigation, 'sec-fetch-dest': 'document' })).toBeNull();
    expect(ask({ ...navigation, 'sec-fetch-dest': 'document' }, { method: 'HEAD' })).toBeNull();
    expect(ask({ ...navigation, 'sec-fetch-dest': 'iframe' })).not.toBeNull();
    expect(ask({ ...navigation, 'sec-fetch-dest': 'document' }, { method: 'POST' })).not.toBeNull();
    expect(ask({ ...navigation, 'sec-fetch-dest': 'document' }, { upgrade: true })).not.toBeNull();
  });
});

test('checkAccess admits programs, which send neither Origin nor Sec-Fetch-Site', () => {
  expect(ask({}, { method: 'POST' })).toBeNull();
  expect(ask({}, { upgrade: true })).toBeNull();
});

test('the refusal cuts a long header short', () => {
  expect(ask({ origin: `https://${'x'.repeat(5000)}.example` })?.message.length).toBeLessThan(700);
});

test('createAccessPolicy refuses a URL in --allow-host', () => {
  expect(() => createAccessPolicy({ host: '127.0.0.1', allowHosts: ['http://box'], allowOrigins: [] })).toThrow(
    /^--allow-host: /,
  );
});

test('isLoopbackBind is true for loopback addresses only', () => {
  expect(['127.0.0.1', '127.0.0.2', 'localhost', '::1'].map(isLoopbackBind)).toEqual([true, true, true, true]);
  expect(['0.0.0.0', '::', '192.168.1.7', 'box.example', ''].map(isLoopbackBind)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
