import type { Server } from 'node:http';
import type { Socket } from 'node:net';

import { HeadwayError } from '@headway/protocol';

import { endWithJson } from '../../surface/connections/raw-reply.ts';
import { addressAccount } from '../../access/limits/account.ts';
import type { Limits } from '../../access/limits/limits.ts';
import type { ErrorDialect } from '../../surface/error-dialect.ts';
import { Tally } from '../../access/limits/tally.ts';

/**
 * Turns connections away that are one too many, for their address or for all, before anybody reads what they send. So
 * one address cannot leave the others without.
 */
export function limitConnections(
  server: Server,
  { connections, connectionsEach }: Pick<Limits, 'connections' | 'connectionsEach'>,
  { body }: Pick<ErrorDialect, 'body'>,
): void {
  const open = new Tally();
  // One that asked for an upgrade which is ignored comes a second time.
  const counted = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    if (counted.has(socket)) return;
    const account = addressAccount(socket.remoteAddress);
    const refusal = tooMany(account);
    if (refusal === null) {
      counted.add(socket);
      socket.once('close', open.hold(account));
      return;
    }
    socket.on('error', () => socket.destroy());
    endWithJson(socket, 429, body(refusal, { status: 429 }), { 'Retry-After': '5' });
  });

  function tooMany(account: string): HeadwayError | null {
    const own = open.of(account);
    if (own >= connectionsEach)
      return new HeadwayError('rate-limited', `this address has ${own} connections, the most it may have; close some`);
    if (open.all >= connections)
      return new HeadwayError(
        'rate-limited',
        `${open.all} connections are open, the most there may be; try again later`,
      );
    return null;
  }
}
