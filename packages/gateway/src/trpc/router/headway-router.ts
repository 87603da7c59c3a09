import type { Engine } from '@headway/engine';
import { generateRequest, generationId, type GenerationEvent, type Status } from '@headway/protocol';
import { initTRPC, type TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';

import { anyone, type Caller } from '../../access/caller.ts';
import { seqAfter } from '../../generations/event-id.ts';
import { GenerationRegistry } from '../../generations/generation-registry.ts';
import type { GenerationView } from '../../generations/generation-view.ts';
import type { ViewerConnection } from '../../generations/connection/viewer-connection.ts';
import { refuseOversized } from '../../surface/bodies/refuse-oversized.ts';
import { headwayVersion } from '../../version.ts';
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
   * The connection that a context belongs to (`ConnectionPace`). Without one nothing holds events back for a client that
   * reads slowly, and a connection that drops is taken for an owner who leaves on purpose.
   *
   * @default none
   */
  connection?: (context: object) => ViewerConnection | undefined;
  /** How the events of a stream are given to tRPC. @default one by one (`trackedEvents`) */
  stream?: (context: object, id: string, view: GenerationView) => AsyncIterable<TrackedEnvelope<GenerationEvent>>;
  /** Where generations are kept, for routers that share them. @default a registry of its own */
  generations?: GenerationRegistry;
}

const { lastEventId } = generateRequest.shape;

const t = initTRPC.create({ isDev: false });

// Formatters of procedures, unlike the root's, survive being merged into a router that has its own.
const procedure = t.procedure
  .errors(({ error, shape }) => shapeError(error, shape))
  .use(async ({ next }) => {
    const result = await next();
    if (!result.ok)
      throw result.error.code === 'INTERNAL_SERVER_ERROR' ? toTrpcError(result.error.cause) : result.error;
    return result;
  })
  .use(async ({ getRawInput, next }) => {
    // What cannot be read is refused where it is needed.
    refuseOversized(await getRawInput().catch(() => undefined));
    return next();
  });

/**
 * An engine as a tRPC router, to serve as it is or to nest or merge into one of yours: it asks nothing of the context
 * and brings no transformer. The caller keeps the engine and closes it.
 */
export function createHeadwayRouter(engine: Engine, options: HeadwayRouterOptions = {}) {
  const {
    version = headwayVersion,
    caller = () => anyone,
    holdSubscription,
    connection = () => undefined,
    stream = (_context, id, view) => trackedEvents(id, view),
    generations = new GenerationRegistry({ engine }),
  } = options;
  const started = performance.now();
  const called = procedure.use(async ({ ctx, type, signal, next }) => {
    const asking = { ctx: { caller: caller(ctx), connection: connection(ctx) } };
    const onOver = type === 'subscription' ? holdSubscription?.(ctx) : undefined;
    if (!onOver) return next(asking);
    const result = await next(asking);
    if (result.ok) return { ...result, data: untilOver(result.data as AsyncIterable<unknown>, { signal, onOver }) };
    onOver();
    return result;
  });
  return t.router({
    /**
     * Runs a generation and streams its events. The same id with the same body, or `lastEventId`, goes on with the one
     * that is there. Unsubscribing cancels it; a connection that drops leaves it the grace time to come back in.
     */
    generate: called.input(generateRequest).subscription(async ({ input, ctx, signal }) => {
      const { generation, after } = generations.open(input, ctx.caller);
      const view = await generation.own({ after, signal, connection: ctx.connection });
      return stream(ctx, generation.id, view);
    }),

    /** Streams the events of a generation that is there, from its first one or after `lastEventId`. Leaving ends nothing. */
    watch: called
      .input(z.strictObject({ id: generationId, lastEventId }))
      .subscription(async ({ input, ctx, signal }) => {
        const generation = generations.find(input.id, ctx.caller);
        const after = seqAfter(input.lastEventId, input.id);
        const view = await generation.watch({ after, signal, connection: ctx.connection });
        return stream(ctx, generation.id, view);
      }),

    /** Ends a generation by its id; `cancelled` is false when there is none of that name, or it has ended. */
    cancel: called
      .input(z.strictObject({ id: generationId }))
      .mutation(({ input, ctx }) => ({ cancelled: generations.cancel(input.id, ctx.caller) })),

    /** The caller's generations that run or have ended lately, the newest first. */
    generations: called.query(({ ctx }) => generations.list(ctx.caller)),

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
      const [models, { slots, queued, process }] = await Promise.all([engine.models(), engine.activity()]);
      const draining = !generations.takesNew;
      return {
        protocol: 1,
        version,
        ready: !draining && models.every(({ state }) => state === 'ready'),
        uptimeMs: performance.now() - started,
        slots,
        queued,
        models,
        draining,
        engine: process ?? null,
      };
    }),
  });
}

export type AppRouter = ReturnType<typeof createHeadwayRouter>;
