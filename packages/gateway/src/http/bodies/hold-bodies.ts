import { Transform } from 'node:stream';

import { HeadwayError } from '@headway/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { accountOf } from '../../access/limits/account.ts';
import { largeBodyBytes, type BodyTurns } from '../../access/limits/body-turns.ts';
import { partBytes, type HeldBytes, type Holding } from '../../access/limits/held-bytes.ts';

/**
 * Counts what has come of each body until it is parsed. Of a large one each part is taken in a turn, and so is the end, with
 * which it is parsed: a sender whose turn it is not is not read from.
 */
export function holdBodies(app: FastifyInstance, heldBytes: HeldBytes, turns: BodyTurns): void {
  const holdings = new WeakMap<FastifyRequest, Holding>();
  app.addHook('preValidation', async (request) => holdings.get(request)?.release());
  app.addHook('preParsing', async (request, reply, payload) => {
    const { caller, ip } = request;
    const account = accountOf(caller, ip);
    const holding = heldBytes.open();
    holdings.set(request, holding);
    let giveUp = (): void => undefined;
    reply.raw.once('close', () => {
      giveUp();
      holding.release();
    });
    let bytes = 0;
    let held = 0;
    const inTurn = (read: () => void) => {
      if (bytes <= largeBodyBytes) return read();
      let isRead = false;
      const leave = turns.wait(account, () => {
        isRead = true;
        read();
      });
      // What was read at once may have gone on to wait for the next part.
      if (!isRead) giveUp = leave;
    };
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        held += chunk.length + partBytes;
        if (!holding.hold(account, held)) done(tooMuchUnfinished());
        else inTurn(() => done(null, chunk));
      },
      flush(done) {
        inTurn(done);
      },
    });
    payload.once('error', (error: Error) => counted.destroy(error));
    // What Fastify compares with Content-Length, where the body was decoded.
    Object.defineProperty(counted, 'receivedEncodedLength', { get: () => payload.receivedEncodedLength ?? 0 });
    return payload.pipe(counted);
  });
}

/** What somebody hears who has begun too much and ended too little. */
export function tooMuchUnfinished(): HeadwayError {
  return new HeadwayError('rate-limited', 'too many requests are under way and not whole; send fewer at once');
}
