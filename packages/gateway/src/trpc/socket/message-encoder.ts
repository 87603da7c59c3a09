import { HeadwayError } from '@headway/protocol';
import { jsonEncoder, type Encoder } from '@trpc/server/adapters/ws';

/** Most calls in one message. tRPC's clients send the calls of one iteration of their event loop together. */
const maxBatch = 1000;

/**
 * JSON with a bound on the calls of a batch. tRPC's own bound sends an error for each call of an oversized batch, so that
 * a message of 4 MiB causes about 20 MiB of responses.
 */
export const messageEncoder: Encoder = {
  encode: (message) => jsonEncoder.encode(message),
  decode(data) {
    const message: unknown = jsonEncoder.decode(data);
    if (!Array.isArray(message) || message.length <= maxBatch) return message;
    throw new HeadwayError(
      'invalid-request',
      `this message has ${message.length} calls, and ${maxBatch} is the limit; send several messages`,
    );
  },
};
