import type { Engine } from '@headway/engine';
import { createGenerationId, HeadwayError, LiveGeneration, toHeadwayError, type Generation } from '@headway/protocol';
import type { FastifyBaseLogger } from 'fastify';

import { ReadGeneration } from './read-generation.ts';

/** What a gateway started on its engine and has not ended yet. */
export interface RunningGenerations {
  /** The engine as the gateway's surfaces use it. */
  engine: Engine;
  /**
   * Ends them with the error `shutting-down` and starts no more; resolves when the last has ended and whoever reads it
   * has had the error, or when `late` does.
   */
  shutDown(late: Promise<void>): Promise<void>;
}

/**
 * Keeps count of what one gateway runs on an engine that others may use too, so that it can end its own without closing
 * what it was lent. Logs a line for each, and never a word of what was written.
 */
export function trackGenerations(engine: Engine, log: FastifyBaseLogger): RunningGenerations {
  const running = new Map<Generation, Promise<void>>();
  let shuttingDown = false;

  const generate: Engine['generate'] = (input, options) => {
    if (shuttingDown) return refused(input.id);
    const generation = new ReadGeneration(engine.generate(input, options));
    const over = logEnd(generation, log)
      .then(() => generation.readToEnd())
      .finally(() => running.delete(generation));
    running.set(generation, over);
    return generation;
  };

  return {
    engine: {
      generate,
      cancel: (id, reason, owner) => engine.cancel(id, reason, owner),
      estimate: (input, options) => engine.estimate(input, options),
      models: () => engine.models(),
      activity: () => engine.activity(),
      ready: () => engine.ready(),
      close: () => engine.close(),
      [Symbol.asyncDispose]: () => engine.close(),
    },
    async shutDown(late) {
      shuttingDown = true;
      for (const { id } of running.keys()) engine.cancel(id, 'shutting-down');
      await Promise.race([Promise.all(running.values()), late]);
    },
  };
}

function refused(id: string = createGenerationId()): Generation {
  const generation = new LiveGeneration({ id, onCancel: () => undefined });
  generation.refuse(
    new HeadwayError('shutting-down', 'the gateway is shutting down; send the request again when it is back'),
  );
  return generation;
}

async function logEnd(generation: Generation, log: FastifyBaseLogger): Promise<void> {
  try {
    const { finishReason, usage, timings } = await generation.result();
    log.info({ generation: generation.id, finishReason, usage, timings }, 'a generation is done');
  } catch (thrown) {
    const { code, cause } = toHeadwayError(thrown);
    log[code === 'internal' ? 'error' : 'info']({ generation: generation.id, code, err: cause }, 'a generation failed');
  }
}
