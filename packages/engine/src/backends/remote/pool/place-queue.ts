import type { HeadwayError } from '@headway/protocol';

import type { PooledMember } from './pooled-member.ts';
import type { Place, PlaceRequest, PoolMember } from './pool-member.ts';

interface PlaceQueueOptions<Member extends PoolMember> {
  /** The upstream that takes a request now, none of `wanted`; undefined when there is none. */
  choose: (
    request: PlaceRequest<Member>,
    wanted: ReadonlySet<PooledMember<Member>>,
  ) => PooledMember<Member> | undefined;
  /** The upstreams that could take it once they have places. */
  wants: (request: PlaceRequest<Member>) => readonly PooledMember<Member>[];
  take: (member: PooledMember<Member>, request: PlaceRequest<Member>) => Place<Member>;
  /** Why waiting is of no use. */
  refusal: (request: PlaceRequest<Member>) => HeadwayError | null;
}

interface Waiter<Member> {
  request: PlaceRequest<Member>;
  grant: (place: Place<Member>) => void;
  refuse: (reason: unknown) => void;
}

/** The requests that wait for a place, in order of arrival. None takes a place at an upstream that an earlier one could. */
export class PlaceQueue<Member extends PoolMember> {
  readonly #options: PlaceQueueOptions<Member>;
  readonly #waiting = new Set<Waiter<Member>>();

  constructor(options: PlaceQueueOptions<Member>) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Joins the queue; `onChange`, which must call `serve`, is called when a request has joined or left it. */
  wait(request: PlaceRequest<Member>, onChange: () => void): Promise<Place<Member>> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        leave();
        reject(signal.reason);
        onChange();
      };
      const waiter: Waiter<Member> = {
        request,
        grant: (place) => {
          leave();
          resolve(place);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
      onChange();
    });
  }

  /** Gives places to those that can have one, and refuses those that no longer can get one. */
  serve(): void {
    const { choose, wants, take, refusal } = this.#options;
    const wanted = new Set<PooledMember<Member>>();
    for (const waiter of this.#waiting) {
      const { request } = waiter;
      const reason = refusal(request);
      const member = reason ? undefined : choose(request, wanted);
      if (reason) waiter.refuse(reason);
      else if (member) waiter.grant(take(member, request));
      else for (const one of wants(request)) wanted.add(one);
    }
  }
}
