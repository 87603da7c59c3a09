import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that lets nobody through and remembers who was asked for. */
export interface ShutWayOut extends AsyncDisposable {
  url: string;
  /** For the environment of a program; its way to this machine stays open. */
  env: Record<string, string>;
  /** Hosts that were asked for. */
  strangers: readonly string[];
}

export async function shutWayOut(): Promise<ShutWayOut> {
  const strangers: string[] = [];
  const proxy = createServer((request, response) => {
    strangers.push(String(request.headers.host));
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    strangers.push(String(request.url));
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const here = '127.0.0.1,localhost';
  return {
    url,
    env: { HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url, NO_PROXY: here, no_proxy: here },
    strangers,
    async [Symbol.asyncDispose]() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}
