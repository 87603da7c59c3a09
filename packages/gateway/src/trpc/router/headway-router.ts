import type { Engine } from '@headway/engine';
import { generateRequest, generationId, type Activity, type GenerationEvent, type Status } from '@headway/protocol';
import { initTRPC, type TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';

import { anonymousCaller, type Caller } from '../../access/caller.ts';
import { describeActivity } from '../../activity/describe-activity.ts';
import { seqAfter } from '../../generations/event-id.ts';
import { GenerationRegistry } from '../../generations/generation-registry.ts';
import type { GenerationView } from '../../generations/generation-view.ts';
import type { ViewerConnection } from '../../generations/connection/viewer-connection.ts';
import { refuseOversized } from '../../surface/bodies/refuse-oversized.ts';
import { unreadyModels } from '../../surface/unready-models.ts';
import { headwayVersion } from '../../version.ts';
import { trackedEvents } from './tracked-events.ts';
import { shapeError, toTrpcError } from './trpc-error.ts';
import { withEndCallback } from './with-end-callback.ts';

export interface HeadwayRouterOptions {
  /** The version in `status`. @default this package's */
  version?: string;
  /**
   * Returns the caller of a call from its context, as `ctx.caller`. When it throws, the call fails with that error.
   *
   * @default all calls have the same caller
   */
  caller?: (context: object) => Caller;
  /**
   * Runs before each subscription. When it throws, the subscription fails with that error. The function that it returns
   * runs once the subscription has ended.
   *
   * @default nothing runs
   */
  onSubscription?: (context: object) => (() => void) | undefined;
  /**
   * Returns the connection of a context (`ConnectionPace`). Without one, events do not wait for a slow client, and a
   * dropped connection counts as an unsubscription, which cancels the generation.
   *
   * @default none
   */
  connection?: (context: object) => ViewerConnection | undefined;
  /** Turns a view into the stream that tRPC sends. @default one event at a time (`trackedEvents`) */
  stream?: (context: object, id: string, view: GenerationView) => AsyncIterable<TrackedEnvelope<GenerationEvent>>;
  /** Holds the generations. Routers that share a registry share their generations. @default a registry of its own */
  generations?: GenerationRegistry;
  /** The number of open WebSockets, for `activity`. @default unknown */
  sockets?: () => number;
  /** The id of the model that a request names, where models have other names. @default the name itself */
  modelId?: (name: string) => string;
}

const { lastEventId } = generateRequest.shape;

const t = initTRPC.create({ isDev: false });

// A procedure's formatter, unlike the root's, still applies in a router that is merged into one with another formatter.
const procedure = t.procedure
  .errors(({ error, shape }) => shapeError(error, shape))
  .use(async ({ next }) => {
    const result = await next();
    if (!result.ok)
      throw result.error.code === 'INTERNAL_SERVER_ERROR' ? toTrpcError(result.error.cause) : result.error;
    return result;
  })
  .use(async ({ getRawInput, next }) => {
    // tRPC itself refuses an input that cannot be read.
    refuseOversized(await getRawInput().catch(() => undefined));
    return next();
  });

/**
 * Creates a tRPC router for an engine, to serve as it is, or to nest or merge into your own router. It needs no particular
 * context and no transformer. The engine stays yours to close.
 */
export function createHeadwayRouter(engine: Engine, options: HeadwayRouterOptions = {}) {
  const {
    version = headwayVersion,
    caller = () => anonymousCaller,
    onSubscription,
    connection = () => undefined,
    stream = (_context, id, view) => trackedEvents(id, view),
    generations = new GenerationRegistry({ engine }),
    sockets,
    modelId = (name) => name,
  } = options;
  const started = performance.now();
  const called = procedure.use(async ({ ctx, type, signal, next }) => {
    const extended = { ctx: { caller: caller(ctx), connection: connection(ctx) } };
    const onEnd = type === 'subscription' ? onSubscription?.(ctx) : undefined;
    if (!onEnd) return next(extended);
    const result = await next(extended);
    if (result.ok)
      return { ...result, data: withEndCallback(result.data as AsyncIterable<unknown>, { signal, onEnd }) };
    onEnd();
    return result;
  });
  return t.router({
    /**
     * Starts a generation and streams its events. With the id and body of an earlier request, or with `lastEventId`, it
     * joins that request's generation instead. Unsubscribing cancels the generation. After a dropped connection it runs
     * on for the grace time, within which the client can resume.
     */
    generate: called.input(generateRequest).subscription(async ({ input, ctx, signal }) => {
      const { generation, after } = generations.open(input, ctx.caller);
      const view = await generation.own({ after, signal, connection: ctx.connection });
      return stream(ctx, generation.id, view);
    }),

    /** Streams the events of an existing generation, from the first or after `lastEventId`. Unsubscribing cancels nothing. */
    watch: called
      .input(z.strictObject({ id: generationId, lastEventId }))
      .subscription(async ({ input, ctx, signal }) => {
        const generation = generations.find(input.id, ctx.caller);
        const after = seqAfter(input.lastEventId, input.id);
        const view = await generation.watch({ after, signal, connection: ctx.connection });
        return stream(ctx, generation.id, view);
      }),

    /**
     * Cancels a generation by its id; with `index` that choice alone, while the others go on. `cancelled` is false when it
     * does not exist or has ended.
     */
    cancel: called
      .input(z.strictObject({ id: generationId, index: z.int().nonnegative().optional() }))
      .mutation(({ input, ctx }) => ({ cancelled: generations.cancel(input.id, ctx.caller, input.index) })),

    /** The caller's generations that run or have ended within the last 5 minutes, the newest first. */
    generations: called.query(({ ctx }) => generations.list(ctx.caller)),

    /**
     * Estimates a request without running it: its prompt tokens, cached tokens, and TTFT if it were sent now. It is a
     * mutation although it changes nothing, because over HTTP a query is a GET, with the prompt in its URL.
     */
    estimate: called
      .input(generateRequest)
      .mutation(({ input, ctx }) => engine.estimate(input, { owner: ctx.caller.owner })),

    /** The models, the default one first. */
    models: called.query(() => engine.models()),

    /** What runs and waits now, the caller's own by id, and how fast the gateway was in the last minutes. */
    activity: called.query(async ({ ctx }): Promise<Activity> => {
      const [models, activity] = await Promise.all([engine.models(), engine.activity()]);
      const first = models[0]?.id ?? 'default';
      return describeActivity({
        caller: ctx.caller,
        now: performance.now(),
        models,
        engine: activity,
        generations: generations.active(),
        tokens: generations.tokens,
        modelId: (name) => {
          const id = modelId(name);
          return id === 'default' ? first : id;
        },
        sockets: sockets?.(),
        viewers: generations.viewers,
      });
    }),

    /** The gateway's state and load. */
    status: called.query(async (): Promise<Status> => {
      const [models, { slots, queued, process, memory }] = await Promise.all([engine.models(), engine.activity()]);
      const draining = !generations.takesNew;
      return {
        protocol: 1,
        version,
        ready: !draining && unreadyModels(models).length === 0,
        uptimeMs: performance.now() - started,
        slots,
        queued,
        models,
        draining,
        engine: process ?? null,
        ...(memory && { memory }),
      };
    }),
  });
}

export type AppRouter = ReturnType<typeof createHeadwayRouter>;
