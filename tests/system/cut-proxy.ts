import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CutProxyOptions {
  /** Bytes, of both directions together, after which a new connection is cut; null never cuts it. @default never */
  cutAfter?: () => number | null;
  /** Answers every upgrade with 403, as some proxies do. @default false */
  refuseUpgrades?: boolean;
  /** Called with what clients receive. @default nothing */
  onAnswer?: (data: Buffer) => void;
}

/** A proxy between a client and a gateway whose connections a test can cut. */
export async function startCutProxy(
  target: string,
  { cutAfter, refuseUpgrades = false, onAnswer }: CutProxyOptions = {},
) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const counts = { cuts: 0, connections: 0, refusedUpgrades: 0 };
  const requestLines: string[] = [];
  let down = false;

  const note = (data: Buffer) => {
    const [line = ''] = data.toString('latin1').split('\r\n', 1);
    if (/^[A-Z]+ \/.* HTTP\/1\.1$/.test(line)) requestLines.push(line);
  };

  const join = (near: Socket, first: Buffer) => {
    const far = connect(Number(port), hostname);
    sockets.add(far);
    far.on('close', () => sockets.delete(far));
    let left = cutAfter?.() ?? Number.POSITIVE_INFINITY;
    const pass = (data: Buffer, to: Socket) => {
      if (left <= 0) return;
      to.write(left < data.length ? data.subarray(0, left) : data);
      left -= data.length;
      if (left > 0) return;
      counts.cuts++;
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from
        .on('error', () => to.destroy())
        .on('close', () => to.destroy())
        .on('data', (data: Buffer) => {
          if (from === near) note(data);
          else onAnswer?.(data);
          pass(data, to);
        });
    }
    note(first);
    pass(first, far);
  };

  const server = createServer((near) => {
    counts.connections++;
    if (down) return void near.resetAndDestroy();
    sockets.add(near);
    near.on('error', () => near.destroy()).on('close', () => sockets.delete(near));
    near.once('data', (first: Buffer) => {
      if (!refuseUpgrades || !/^upgrade: websocket\r$/im.test(first.toString('latin1'))) return join(near, first);
      counts.refusedUpgrades++;
      near.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Counts of its connections so far. */
    counts: counts as Readonly<typeof counts>,
    /** The first line of each forwarded request, upgrades included. */
    requestLines: requestLines as readonly string[],
    /** Breaks every connection, like a network failure. */
    cut,
    /** Breaks every connection, and refuses new ones until `goUp`. */
    goDown(): void {
      down = true;
      cut();
    },
    goUp(): void {
      down = false;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
