import type { HeadwayClient } from '@headway/client';
import type { ErrorEvent, GenerationEvent } from '@headway/protocol';
import { textOf } from '@headway/protocol/testing';

import type { Upstream } from '../start-upstream.ts';

/** A request to the pool, and what its client has got so far. */
export interface PooledRequest {
  number: number;
  /** Begins with the request's number, by which the upstreams' records name it. */
  prompt: string;
  maxTokens: number;
  events: GenerationEvent[];
}

/** The tokens of every answer, as far as `maxTokens` lets them. */
export const answerTokens = Array.from({ length: 40 }, (_, at) => ` w${at}`);

export const wholeAnswer = ({ maxTokens }: PooledRequest): string => answerTokens.slice(0, maxTokens).join('');

export const textSoFar = ({ events }: PooledRequest): string => textOf(events);

/** The error that ended it; undefined for none. */
export const errorOf = ({ events }: PooledRequest): ErrorEvent | undefined =>
  events.find((event): event is ErrorEvent => event.type === 'error');

/** Requests of all sizes, a third of them with long prompts; the same for the same seed. */
export function createRequests(count: number, seed: number): PooledRequest[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, number) => {
    const rest = 'one two three '.repeat(random() < 0.3 ? 150 : 1 + Math.floor(random() * 20));
    return { number, prompt: `request ${number}. ${rest}`, maxTokens: 10 + Math.floor(random() * 30), events: [] };
  });
}

/** Sends all requests, so many at a time, and reads each to its end. */
export async function sendAll(
  client: HeadwayClient,
  requests: readonly PooledRequest[],
  { atOnce }: { atOnce: number },
): Promise<void> {
  const left = requests.values();
  const work = async () => {
    for (const { prompt, maxTokens, events } of left) {
      const messages = [{ role: 'user' as const, content: prompt }];
      for await (const event of client.generate({ messages, maxTokens, temperature: 0 })) events.push(event);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** A request that an upstream got. */
export interface Visit {
  request: PooledRequest;
  /** Whether it still runs there. */
  open: boolean;
  /** Whether its connection was closed before the answer was whole. */
  aborted: boolean;
}

/** The requests that an upstream has got so far, in order. */
export async function visitsTo(upstream: Upstream, requests: readonly PooledRequest[]): Promise<Visit[]> {
  const records = await upstream.requests();
  return records.flatMap(({ method, body, closedAfterMs, aborted }) => {
    const number = method === 'POST' ? /request (\d+)\./.exec(JSON.stringify(body))?.[1] : undefined;
    const request = number === undefined ? undefined : requests[Number(number)];
    return request ? [{ request, open: closedAfterMs === null, aborted: aborted === true }] : [];
  });
}

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, from 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
