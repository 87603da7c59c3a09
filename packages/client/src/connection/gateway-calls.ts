import type { AppRouter } from '@headway/gateway';
import type {
  Activity,
  Estimate,
  GenerateInput,
  GenerationEvent,
  GenerationInfo,
  ModelInfo,
  Status,
} from '@headway/protocol';
import { createTRPCClient, type TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';

import type { StreamRequest } from './stream-request.ts';

/** The gateway's calls. Their promises reject with tRPC's errors. */
export interface GatewayCalls {
  activity(): Promise<Activity>;
  /** Cancels a generation; with `index` one of its choices. */
  cancel(id: string, options?: { index?: number | undefined; signal?: AbortSignal }): Promise<boolean>;
  estimate(input: GenerateInput): Promise<Estimate>;
  generations(): Promise<GenerationInfo[]>;
  models(): Promise<ModelInfo[]>;
  status(): Promise<Status>;
}

interface Observer {
  onStarted: () => void;
  onData: (tracked: { data: GenerationEvent }) => void;
  onError: (thrown: unknown) => void;
  onComplete: () => void;
}

/**
 * Makes the gateway's calls over a tRPC link. The router's type stays inside this file: users of the client do not install
 * the gateway.
 */
export function createGatewayCalls(link: TRPCLink<AnyTRPCRouter>) {
  const trpc = createTRPCClient<AppRouter>({ links: [link] });
  const calls: GatewayCalls = {
    activity: () => trpc.activity.query(),
    cancel: async (id, { index, signal } = {}) =>
      (await trpc.cancel.mutate({ id, ...(index !== undefined && { index }) }, { signal })).cancelled,
    estimate: (input) => trpc.estimate.mutate(input),
    generations: () => trpc.generations.query(),
    models: () => trpc.models.query(),
    status: () => trpc.status.query(),
  };
  const subscribe = (request: StreamRequest, observer: Observer): { unsubscribe: () => void } =>
    request.kind === 'generate'
      ? trpc.generate.subscribe(request.input, observer)
      : trpc.watch.subscribe({ id: request.id, lastEventId: request.lastEventId }, observer);
  return { calls, subscribe };
}
