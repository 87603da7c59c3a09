import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that refuses every host and records it. */
export interface BlockedOutbound extends AsyncDisposable {
  url: string;
  /** Environment variables for a program. They leave this machine reachable. */
  env: Record<string, string>;
  /** Hosts that the program tried to reach. */
  outboundHosts: readonly string[];
}

export async function blockOutbound(): Promise<BlockedOutbound> {
  const outboundHosts: string[] = [];
  const proxy = createServer((request, response) => {
    outboundHosts.push(String(request.headers.host));
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    outboundHosts.push(String(request.url));
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const here = '127.0.0.1,localhost';
  return {
    url,
    env: { HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url, NO_PROXY: here, no_proxy: here },
    outboundHosts,
    async [Symbol.asyncDispose]() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}
