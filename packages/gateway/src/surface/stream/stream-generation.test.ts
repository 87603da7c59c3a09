import type { GenerationEvent } from '@headway/protocol';
import { samplePrefill, sampleToken } from '@headway/protocol/testing';
import Fastify from 'fastify';
import { expect, test, vi } from 'vitest';

import { EventJson } from '../../generations/event-json.ts';
import { GenerationView } from '../../generations/generation-view.ts';
import { ImmediateQueue } from '../../generations/immediate-queue.ts';
import { MemoryLog } from '../../generations/log/memory-log.ts';
import { paceResponse } from './pace-response.ts';
import { streamGeneration } from './stream-generation.ts';

/** A log of two choices whose tokens alternate, so that no two can be merged. */
function alternatingLog(tokens: number): MemoryLog {
  const log = new MemoryLog({ maxBytes: 1024 * 1024 });
  log.append(samplePrefill({ seq: 0 }));
  for (let seq = 1; seq <= tokens; seq++) log.append(sampleToken({ seq, index: seq % 2 }));
  return log;
}

test('a response that is destroyed while the log is read makes no message of the events left', async () => {
  const app = Fastify();
  const encoded: GenerationEvent[] = [];
  const closing = vi.fn(() => []);
  const onClose = vi.fn();
  const streamed = new Promise<void>((resolve, reject) => {
    app.get('/', (_request, reply) => {
      const dialect = {
        opening: () => [],
        of(event: GenerationEvent) {
          if (encoded.push(event) === 3) reply.raw.destroy();
          return [{ data: JSON.stringify(event) }];
        },
        failure: () => [],
        closing,
        heartbeat: () => ({ comment: '' }),
      };
      const view = new GenerationView(
        { connection: paceResponse(reply.raw, undefined) },
        {
          log: alternatingLog(500),
          immediates: new ImmediateQueue(),
          json: new EventJson(),
          ended: () => true,
          onClose,
        },
      );
      streamGeneration(view, dialect, reply).then(resolve, reject);
    });
  });
  const answer = app.inject('/').catch(() => null);
  await streamed;
  await answer;
  expect(encoded.map(({ seq }) => seq)).toEqual([0, 1, 2]);
  expect(closing).not.toHaveBeenCalled();
  expect(onClose).toHaveBeenCalledWith(expect.anything(), 'dropped');
  await app.close();
});
