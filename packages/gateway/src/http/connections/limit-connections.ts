import type { Server } from 'node:http';
import type { Socket } from 'node:net';

import { HeadwayError } from '@headway/protocol';

import { endWithJson } from '../../surface/connections/raw-reply.ts';
import { addressAccount } from '../../access/limits/account.ts';
import type { Limits } from '../../access/limits/limits.ts';
import type { ErrorDialect } from '../../surface/error-dialect.ts';
import { AccountCounter } from '../../access/limits/account-counter.ts';

/**
 * Refuses connections beyond the limit of their address, or beyond the limit in total, before it reads from them. So one
 * address cannot use up all connections.
 */
export function limitConnections(
  server: Server,
  { connections, connectionsEach }: Pick<Limits, 'connections' | 'connectionsEach'>,
  { body }: Pick<ErrorDialect, 'body'>,
): void {
  const open = new AccountCounter();
  // The server emits a connection again after an upgrade that it ignores.
  const counted = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    if (counted.has(socket)) return;
    const account = addressAccount(socket.remoteAddress);
    const refusal = tooMany(account);
    if (refusal === null) {
      counted.add(socket);
      socket.once('close', open.add(account));
      return;
    }
    socket.on('error', () => socket.destroy());
    endWithJson(socket, 429, body(refusal, { status: 429 }), { 'Retry-After': '5' });
  });

  function tooMany(account: string): HeadwayError | null {
    const own = open.of(account);
    if (own >= connectionsEach)
      return new HeadwayError(
        'rate-limited',
        `this address has ${own} connections open, which is the limit; close some`,
      );
    if (open.total >= connections)
      return new HeadwayError(
        'rate-limited',
        `the gateway has ${open.total} connections open, which is the limit; try again later`,
      );
    return null;
  }
}
