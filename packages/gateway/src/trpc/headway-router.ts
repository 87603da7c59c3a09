import type { Engine } from '@headway/engine';
import { generateRequest, generationId, HeadwayError, type Status } from '@headway/protocol';
import { initTRPC } from '@trpc/server';
import { z } from 'zod';

import { anyone, type Caller } from '../access/caller.ts';
import { headwayVersion } from '../version.ts';
import { trackedEvents } from './tracked-events.ts';
import { shapeError, toTrpcError } from './trpc-error.ts';
import { untilOver } from './until-over.ts';

export interface HeadwayRouterOptions {
  /** What `status` calls the version. @default this package's */
  version?: string;
  /**
   * Who is asking, by the context of the call; what it throws is what the call fails with. A call finds the answer in
   * `ctx.caller`. @default everybody is one
   */
  caller?: (context: object) => Caller;
  /**
   * Hears of each subscription before it starts; what it throws is what the subscription fails with. The function that
   * comes back is called when it is over. @default none is counted
   */
  holdSubscription?: (context: object) => (() => void) | undefined;
  /**
   * Resolves when the connection that a context belongs to can take more events; nothing else in this library holds
   * them back (see `ConnectionPace`).
   */
  drained?: (context: object, signal?: AbortSignal) => Promise<void> | undefined;
}

const t = initTRPC.create({ isDev: false });

// Formatters of procedures, unlike the root's, survive being merged into a router that has its own.
const procedure = t.procedure
  .errors(({ error, shape }) => shapeError(error, shape))
  .use(async ({ next }) => {
    const result = await next();
    if (!result.ok)
      throw result.error.code === 'INTERNAL_SERVER_ERROR' ? toTrpcError(result.error.cause) : result.error;
    return result;
  });

/**
 * An engine as a tRPC router, to serve as it is or to nest or merge into one of yours: it asks nothing of the context
 * and brings no transformer. The caller keeps the engine and closes it.
 */
export function createHeadwayRouter(engine: Engine, options: HeadwayRouterOptions = {}) {
  const { version = headwayVersion, caller = () => anyone, holdSubscription, drained } = options;
  const started = performance.now();
  const called = procedure.use(async ({ ctx, type, signal, next }) => {
    const asking = { ctx: { caller: caller(ctx) } };
    const onOver = type === 'subscription' ? holdSubscription?.(ctx) : undefined;
    if (!onOver) return next(asking);
    const result = await next(asking);
    if (result.ok) return { ...result, data: untilOver(result.data as AsyncIterable<unknown>, { signal, onOver }) };
    onOver();
    return result;
  });
  return t.router({
    /** Runs a generation and streams its events. Unsubscribing cancels it. */
    generate: called.input(generateRequest).subscription(async ({ input, ctx, signal }) => {
      if (input.lastEventId !== undefined) throw notResumable(input.lastEventId);
      const generation = engine.generate(input, { signal, owner: ctx.caller.owner });
      await generation.admitted;
      return trackedEvents(generation, { signal, drained: () => drained?.(ctx, signal) });
    }),

    /** Ends a generation by its id; `cancelled` is false when there is none of that name. */
    cancel: called
      .input(z.strictObject({ id: generationId }))
      .mutation(({ input, ctx }) => ({ cancelled: engine.cancel(input.id, 'cancelled', ctx.caller.owner) })),

    /**
     * What a request would meet if it were sent now: its tokens, those cached, the time to its first token. Nothing runs. A
     * mutation, although it changes nothing: over HTTP a query is a GET, with the prompt in its URL.
     */
    estimate: called
      .input(generateRequest)
      .mutation(({ input, ctx }) => engine.estimate(input, { owner: ctx.caller.owner })),

    /** The models, the default one first. */
    models: called.query(() => engine.models()),

    /** How the gateway is. */
    status: called.query(async (): Promise<Status> => {
      const [models, { slots, queued }] = await Promise.all([engine.models(), engine.activity()]);
      const ready = models.every(({ state }) => state === 'ready');
      return { protocol: 1, version, ready, uptimeMs: performance.now() - started, slots, queued, models };
    }),
  });
}

export type AppRouter = ReturnType<typeof createHeadwayRouter>;

/** A client that lost its connection asks to go on. Running the engine again would write everything twice. */
function notResumable(lastEventId: string): HeadwayError {
  const id = JSON.stringify(lastEventId.split(':')[0]);
  return new HeadwayError(
    'generation-not-found',
    `lastEventId: the generation ${id} ended with the connection that it was streamed to and cannot be gone on with; send the request again without lastEventId`,
  );
}
