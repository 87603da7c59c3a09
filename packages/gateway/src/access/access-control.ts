import { HeadwayError } from '@headway/protocol';

import { checkAccess, type AccessPolicy, type AccessRequest } from './policy/access-policy.ts';
import type { ApiKeys } from './keys/api-keys.ts';
import { LargeBodyScheduler } from './limits/large-body-scheduler.ts';
import { anonymousCaller, type Caller } from './caller.ts';
import { BufferedBytes } from './limits/buffered-bytes.ts';
import type { Limits } from './limits/limits.ts';
import type { OriginList } from './policy/origin-list.ts';
import { refuseKeyInUrl } from './keys/presented-key.ts';
import { rateOf, RequestBudget, type Rate } from './limits/request-budget.ts';
import { AccountCounter } from './limits/account-counter.ts';

export interface AccessControlOptions {
  policy: AccessPolicy;
  /** Null admits every request that the policy admits. */
  keys: ApiKeys | null;
  limits: Limits;
}

/** Decides for all surfaces of a gateway which requests it accepts, and how much each caller may use. */
export class AccessControl {
  readonly limits: Limits;
  /** HTTP requests and calls over sockets. */
  readonly requests: RequestBudget;
  /** Bytes of incomplete request bodies and WebSocket messages. */
  readonly bufferedBytes: BufferedBytes;
  readonly largeBodies = new LargeBodyScheduler();
  /** Messages of one socket. It exceeds `requests`, because clients also send cancellations and keep-alives. */
  readonly messages: Rate;
  readonly #policy: AccessPolicy;
  readonly #keys: ApiKeys | null;
  /** Open sockets of each key. */
  readonly #sockets = new AccountCounter();

  constructor({ policy, keys, limits }: AccessControlOptions) {
    this.limits = limits;
    this.requests = new RequestBudget(limits.requests);
    this.bufferedBytes = new BufferedBytes(limits);
    this.messages = rateOf(2 * limits.requests + 600);
    this.#policy = policy;
    this.#keys = keys;
  }

  get allowedOrigins(): OriginList {
    return this.#policy.allowedOrigins;
  }

  /** The error that refuses this request whatever key it has: for its headers, or a key in its URL. Null admits it. */
  check(request: AccessRequest & { url: string }): HeadwayError | null {
    return checkAccess(request, this.#policy) ?? (this.#keys && refuseKeyInUrl(request.url));
  }

  /** The caller that this key belongs to. @throws HeadwayError `unauthorized` when the key is missing or unknown */
  authenticate(key: string | null): Caller {
    if (this.#keys === null) return anonymousCaller;
    const caller = key === null ? null : this.#keys.find(key);
    if (caller) return caller;
    throw new HeadwayError(
      'unauthorized',
      `${key === null ? 'this gateway needs an API key' : 'this gateway does not know this API key'}; ` +
        'send one as Authorization: Bearer, x-api-key, or apiKey in the connectionParams of a socket',
    );
  }

  /** Checks that an authenticated caller's key still exists. @throws HeadwayError `unauthorized` when it was removed */
  recheck(caller: Caller): void {
    if (this.#keys && !this.#keys.knows(caller))
      throw new HeadwayError('unauthorized', 'this API key has been removed; send another one');
  }

  /** Counts an open socket of a key until the returned function is called. @throws HeadwayError `rate-limited` */
  countSocket({ owner }: Caller): () => void {
    const open = this.#sockets.of(owner);
    // Without keys, limitConnections already counts these sockets among the connections of their address.
    if (owner === '' || open < this.limits.connectionsEach) return this.#sockets.add(owner);
    throw new HeadwayError('rate-limited', `this API key has ${open} sockets open, which is the limit; close some`);
  }
}

/** The error for a caller that sends requests too often. */
export function tooManyRequests(waitMs: number): HeadwayError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new HeadwayError('rate-limited', `too many requests; send the next one in ${seconds} s`);
}
