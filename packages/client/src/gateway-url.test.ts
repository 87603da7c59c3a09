import { describe, expect, test } from 'vitest';

import { gatewayUrl } from './gateway-url.ts';

describe('gatewayUrl', () => {
  test.each([
    ['http://127.0.0.1:4477', 'http://127.0.0.1:4477', 'ws://127.0.0.1:4477/trpc'],
    ['http://127.0.0.1:4477///', 'http://127.0.0.1:4477', 'ws://127.0.0.1:4477/trpc'],
    ['https://llm.example.com', 'https://llm.example.com', 'wss://llm.example.com/trpc'],
    ['https://example.com/models/', 'https://example.com/models', 'wss://example.com/models/trpc'],
    ['HTTP://Example.com:80/?a=b#c', 'http://example.com', 'ws://example.com/trpc'],
    ['http://[::1]:4477', 'http://[::1]:4477', 'ws://[::1]:4477/trpc'],
    ['ws://127.0.0.1:4477', 'http://127.0.0.1:4477', 'ws://127.0.0.1:4477/trpc'],
    ['wss://example.com', 'https://example.com', 'wss://example.com/trpc'],
  ])('%s', (url, base, trpc) => {
    expect(gatewayUrl(url)).toEqual({ base, trpc });
  });

  test('is a page’s own origin when left out', () => {
    expect(gatewayUrl(undefined, 'https://example.com').trpc).toBe('wss://example.com/trpc');
  });

  test.each([
    [undefined, /^url: is missing; give the gateway's, e\.g\. http:\/\/127\.0\.0\.1:4477$/],
    ['', /^url: "" is not an http or https URL/],
    ['127.0.0.1:4477', /^url: "127\.0\.0\.1:4477" is not an http or https URL/],
    ['localhost:4477', /^url: "localhost:4477" is not/],
    ['ftp://example.com', /^url: "ftp:/],
    ['http://', /^url: /],
    ['http://user:pass@example.com', /^url: must not hold a name or password; give the key as `apiKey`$/],
  ])('refuses %s', (url, message) => {
    expect(() => gatewayUrl(url, 'null')).toThrow(
      expect.objectContaining({
        name: 'HeadwayError',
        code: 'invalid-request',
        message: expect.stringMatching(message),
      }),
    );
  });
});
