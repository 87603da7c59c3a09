import { Transform } from 'node:stream';

import { HeadwayError } from '@headway/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { accountOf } from '../../access/limits/account.ts';
import { largeBodyBytes, type LargeBodyScheduler } from '../../access/limits/large-body-scheduler.ts';
import { pieceOverheadBytes, type BufferedBytes, type ByteReservation } from '../../access/limits/buffered-bytes.ts';

/**
 * Counts the buffered bytes of each body until the body is parsed, and refuses a body that exceeds a limit. It reads each
 * part of a large body, and parses it, in a step of `scheduler`. Between steps it does not read from that client.
 */
export function limitIncompleteBodies(
  app: FastifyInstance,
  bufferedBytes: BufferedBytes,
  scheduler: LargeBodyScheduler,
): void {
  const reservations = new WeakMap<FastifyRequest, ByteReservation>();
  app.addHook('preValidation', async (request) => reservations.get(request)?.release());
  app.addHook('preParsing', async (request, reply, payload) => {
    const { caller, ip } = request;
    const account = accountOf(caller, ip);
    const reservation = bufferedBytes.reserve();
    reservations.set(request, reservation);
    let cancelStep = (): void => undefined;
    reply.raw.once('close', () => {
      cancelStep();
      reservation.release();
    });
    let bytes = 0;
    let reserved = 0;
    const readInStep = (read: () => void) => {
      if (bytes <= largeBodyBytes) return read();
      let isRead = false;
      const cancel = scheduler.schedule(account, () => {
        isRead = true;
        read();
      });
      // A step that ran at once may already have scheduled the next one, whose `cancelStep` must stay.
      if (!isRead) cancelStep = cancel;
    };
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        reserved += chunk.length + pieceOverheadBytes;
        if (!reservation.resize(account, reserved)) done(tooManyIncomplete());
        else readInStep(() => done(null, chunk));
      },
      flush(done) {
        readInStep(done);
      },
    });
    payload.once('error', (error: Error) => counted.destroy(error));
    // Fastify compares it with Content-Length when the body was decoded.
    Object.defineProperty(counted, 'receivedEncodedLength', { get: () => payload.receivedEncodedLength ?? 0 });
    return payload.pipe(counted);
  });
}

function tooManyIncomplete(): HeadwayError {
  return new HeadwayError('rate-limited', 'too many bytes of incomplete requests are buffered; send fewer at once');
}
