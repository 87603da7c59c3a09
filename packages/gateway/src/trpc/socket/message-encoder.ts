import { HeadwayError } from '@headway/protocol';
import { jsonEncoder, type Encoder } from '@trpc/server/adapters/ws';

/** Calls in one message. tRPC's clients send together what is called in one turn of their loop. */
const maxBatch = 1000;

/**
 * JSON, with a bound on what comes together. tRPC's own bound answers each call of a batch that is too big, which makes
 * of 4 MiB that were sent some 20 MiB to send back.
 */
export const messageEncoder: Encoder = {
  encode: (message) => jsonEncoder.encode(message),
  decode(data) {
    const message: unknown = jsonEncoder.decode(data);
    if (!Array.isArray(message) || message.length <= maxBatch) return message;
    throw new HeadwayError(
      'invalid-request',
      `a message may hold ${maxBatch} calls, and this one has ${message.length}; send them in several`,
    );
  },
};
