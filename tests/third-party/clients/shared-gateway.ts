import { createClient, type HeadwayClient } from '@headway/client';
import { afterAll, beforeAll } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';

export interface SharedGateway {
  gateway: EmbeddedGateway;
  headway: HeadwayClient;
}

/** One gateway over the embedded model for all tests of a file, and a client that inspects it. */
export function shareGateway(): SharedGateway {
  let gateway: EmbeddedGateway;
  let headway: HeadwayClient;
  beforeAll(async () => {
    gateway = await startEmbedded();
    headway = createClient({ url: gateway.url });
  });
  afterAll(async () => {
    await headway.close();
    await gateway[Symbol.asyncDispose]();
  });
  return {
    get gateway() {
      return gateway;
    },
    get headway() {
      return headway;
    },
  };
}
