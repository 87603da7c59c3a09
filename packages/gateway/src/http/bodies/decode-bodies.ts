import { Transform, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

import { HeadwayError, maxBodyBytes } from '@headway/protocol';
import type { FastifyInstance } from 'fastify';

import { sendError } from '../error-replies.ts';

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
};

/** A decoded body. Fastify compares `receivedEncodedLength` with `Content-Length`. */
type DecodedBody = Transform & { receivedEncodedLength: number };

/** Decodes bodies by their `Content-Encoding`, up to `maxBodyBytes`, and refuses unknown encodings. */
export function decodeBodies(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    if (encoding === 'identity' || encoding === '') return payload;
    const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
    if (decoder) {
      const decoded = decode(payload as Readable, decoder(), encoding);
      reply.raw.once('close', () => decoded.destroy());
      return decoded;
    }
    const refusal = new HeadwayError(
      'invalid-request',
      'Content-Encoding: unknown encoding; send the body without one, or as gzip, br or deflate',
    );
    void reply.header('accept-encoding', 'gzip, br, deflate');
    await sendError(request, reply, refusal, 415);
    return payload;
  });
}

function decode(encoded: Readable, decoder: Transform, encoding: string): DecodedBody {
  let decodedBytes = 0;
  const bounded = Object.assign(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        decodedBytes += chunk.length;
        if (decodedBytes <= maxBodyBytes) return done(null, chunk);
        // A small body can decode to gigabytes, so decoding stops at the limit.
        decoder.destroy();
        return done(tooLarge());
      },
    }),
    { receivedEncodedLength: 0 },
  );
  encoded.on('data', (chunk: Buffer) => (bounded.receivedEncodedLength += chunk.length));
  encoded.once('error', (error: Error) => decoder.destroy(error));
  decoder.once('error', (cause) =>
    bounded.destroy(new HeadwayError('invalid-request', `Content-Encoding: the body is not ${encoding}`, { cause })),
  );
  bounded.once('close', () => decoder.destroy());
  encoded.pipe(decoder).pipe(bounded);
  return bounded;
}

function tooLarge(): Error {
  return Object.assign(new Error('too large'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 });
}
