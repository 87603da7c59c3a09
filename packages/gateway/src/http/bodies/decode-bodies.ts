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

/** A body that was decoded; Fastify compares the second length with `Content-Length`. */
type DecodedBody = Transform & { receivedEncodedLength: number };

/** Decodes bodies by their `Content-Encoding`, no further than a body may be long, and refuses encodings it does not know. */
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
      'Content-Encoding: send the body as it is, or in one of gzip, br, deflate',
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
        // Whoever decoded on would do for minutes what took a moment to send.
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
