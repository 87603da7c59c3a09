import { describe, expect, test } from 'vitest';

import { parseGatewayUrl } from './gateway-url.ts';

describe('parseGatewayUrl', () => {
  test.each([
    ['http://127.0.0.1:4477', 'http://127.0.0.1:4477', 'ws://127.0.0.1:4477/trpc'],
    ['http://127.0.0.1:4477///', 'http://127.0.0.1:4477', 'ws://127.0.0.1:4477/trpc'],
    ['https://llm.example.com', 'https://llm.example.com', 'wss://llm.example.com/trpc'],
    ['https://example.com/models/', 'https://example.com/models', 'wss://example.com/models/trpc'],
    ['HTTP://Example.com:80/?a=b#c', 'http://example.com', 'ws://example.com/trpc'],
    ['http://[::1]:4477', 'http://[::1]:4477', 'ws://[::1]:4477/trpc'],
    ['ws://127.0.0.1:4477', 'http://127.0.0.1:4477', 'ws://127.0.0.1:4477/trpc'],
    ['wss://example.com', 'https://example.com', 'wss://example.com/trpc'],
    ['http://127.0.0.1:4477/v1', 'http://127.0.0.1:4477', 'ws://127.0.0.1:4477/trpc'],
    ['https://example.com/headway/v1/', 'https://example.com/headway', 'wss://example.com/headway/trpc'],
    ['https://example.com/v12', 'https://example.com/v12', 'wss://example.com/v12/trpc'],
  ])('reads %s', (url, base, trpc) => {
    expect(parseGatewayUrl(url)).toEqual({ base, trpc });
  });

  test('takes the page’s own origin when the URL is left out', () => {
    expect(parseGatewayUrl(undefined, 'https://example.com').trpc).toBe('wss://example.com/trpc');
  });

  test.each([
    [undefined, /^url: is missing; give the gateway's, e\.g\. http:\/\/127\.0\.0\.1:4477$/],
    ['', /^url: "" is not an http or https URL/],
    ['127.0.0.1:4477', /^url: "127\.0\.0\.1:4477" is not an http or https URL/],
    ['localhost:4477', /^url: "localhost:4477" is not/],
    ['ftp://example.com', /^url: "ftp:/],
    ['http://', /^url: /],
    ['http://user:pass@example.com', /^url: holds a name or password; leave it out and give the key as the API key$/],
  ])('refuses %s', (url, message) => {
    expect(() => parseGatewayUrl(url, 'null')).toThrow(
      expect.objectContaining({
        name: 'HeadwayError',
        code: 'invalid-request',
        message: expect.stringMatching(message),
      }),
    );
  });
});
