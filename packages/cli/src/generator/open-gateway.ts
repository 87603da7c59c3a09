import { createClient, type HeadwayClient } from '@headway/client';

import { readUrlOption } from '../options/url-option.ts';
import type { TextGenerator } from './text-generator.ts';

export interface OpenGatewayOptions {
  url: string;
  apiKey?: string | undefined;
  /** The command's own signal. After it aborts, the client no longer waits for a gateway that it cannot reach. */
  signal?: AbortSignal | undefined;
  /** How long the connection stays open without a call, in ms. @default as `createClient` */
  idleTimeoutMs?: number | undefined;
}

/** Enough for one WebSocket, a plain request and HTTP; a command fails at once where nothing listens. */
const connectAttempts = 3;

/**
 * Opens a client of the gateway at `url` for a command. When the connection is lost, the client opens it again and the
 * answer goes on without a gap.
 *
 * @throws HeadwayError `invalid-request` for a URL that is not a gateway's
 */
export function openGateway({ url, apiKey, signal, idleTimeoutMs }: OpenGatewayOptions): HeadwayClient & TextGenerator {
  const client = createClient({ url: readUrlOption(url), apiKey, connectAttempts, idleTimeoutMs });
  const closeIfAway = () => {
    if (signal?.aborted && client.connection.getState().phase !== 'open') void client.close();
  };
  signal?.addEventListener('abort', closeIfAway);
  client.connection.subscribe(closeIfAway);
  return { ...client, ready: async () => void (await client.models()) };
}
