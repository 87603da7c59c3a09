import { HeadwayError, isHeadwayError } from '@headway/protocol';
import type { FastifyReply } from 'fastify';

import type { GenerationView } from '../../generations/generation-view.ts';
import type { HeartbeatKind } from '../../progress/heartbeat-kind.ts';
import { CancelledWhole } from '../cancelled-by-viewer.ts';
import { SseStream } from '../../sse/sse-stream.ts';
import type { StreamDialect } from './stream-dialect.ts';

export interface StreamGenerationOptions {
  /** @default 'comment' */
  heartbeat?: HeartbeatKind;
  /** Time between two heartbeats, in ms. @default 15_000 */
  heartbeatMs?: number | undefined;
}

/**
 * Streams a generation's events in an API's dialect. The stream ends with the generation, with its first failed choice
 * (clients of these APIs then drop all choices), or when the client leaves. No heartbeat follows.
 */
export async function streamGeneration(
  view: GenerationView,
  dialect: StreamDialect,
  reply: FastifyReply,
  { heartbeat = 'comment', heartbeatMs }: StreamGenerationOptions = {},
): Promise<void> {
  const stream = new SseStream(reply, {
    heartbeatMs,
    heartbeat: heartbeat === 'data' ? () => dialect.heartbeat() : undefined,
  });
  try {
    stream.send(...dialect.opening());
    let failed = false;
    const cancelled = new CancelledWhole();
    await view.forEach((event) => {
      // The view closes only when the response reports its end, which may be many events later.
      if (!stream.open) return false;
      stream.send(...dialect.of(event));
      failed = event.type === 'error' || cancelled.endsWith(event);
      return !failed;
    });
    if (!failed && stream.open) stream.send(...dialect.closing());
  } catch (thrown) {
    if (!isHeadwayError(thrown)) reply.log.error({ err: thrown }, 'a stream failed');
    const error = isHeadwayError(thrown)
      ? thrown
      : new HeadwayError('internal', 'the gateway failed; its log says more', { cause: thrown });
    stream.send(...dialect.failure(error));
  } finally {
    stream.end();
    await view.return();
  }
}
