import { Transform } from 'node:stream';

import { HeadwayError } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { accountOf } from './account.ts';
import { partBytes, type HeldBytes } from './held-bytes.ts';

/** Counts what has come of each body until it is whole. */
export function holdBodies(app: FastifyInstance, heldBytes: HeldBytes): void {
  app.addHook('preParsing', async ({ caller, ip }, reply, payload) => {
    const account = accountOf(caller, ip);
    const holding = heldBytes.open();
    reply.raw.once('close', () => holding.release());
    let held = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        held += chunk.length + partBytes;
        if (holding.hold(account, held)) done(null, chunk);
        else done(tooMuchUnfinished());
      },
      flush(done) {
        holding.release();
        done();
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
