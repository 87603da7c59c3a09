import { HeadwayError } from '@headway/protocol';

import { checkAccess, type AccessPolicy, type AccessRequest } from './policy/access-policy.ts';
import type { ApiKeys } from './keys/api-keys.ts';
import { BodyTurns } from './limits/body-turns.ts';
import { anyone, type Caller } from './caller.ts';
import { HeldBytes } from './limits/held-bytes.ts';
import type { Limits } from './limits/limits.ts';
import type { OriginList } from './policy/origin-list.ts';
import { refuseKeyInUrl } from './keys/presented-key.ts';
import { rateOf, RequestBudget, type Rate } from './limits/request-budget.ts';
import { Tally } from './limits/tally.ts';

export interface GatekeeperOptions {
  policy: AccessPolicy;
  /** Null lets everybody in whom the policy lets in. */
  keys: ApiKeys | null;
  limits: Limits;
}

/** Decides for all surfaces of a gateway who comes in, and how much of it each may take. */
export class Gatekeeper {
  readonly limits: Limits;
  readonly requests: RequestBudget;
  /** Of bodies and messages that are not whole yet. */
  readonly heldBytes: HeldBytes;
  /** In which large bodies are read. */
  readonly bodyTurns = new BodyTurns();
  /** Messages of one socket. A call is stopped by another, and clients ask now and then whether the gateway is there. */
  readonly messages: Rate;
  readonly #policy: AccessPolicy;
  readonly #keys: ApiKeys | null;
  /** Sockets of each key. */
  readonly #sockets = new Tally();

  constructor({ policy, keys, limits }: GatekeeperOptions) {
    this.limits = limits;
    this.requests = new RequestBudget(limits.requests);
    this.heldBytes = new HeldBytes(limits);
    this.messages = rateOf(2 * limits.requests + 600);
    this.#policy = policy;
    this.#keys = keys;
  }

  get allowedOrigins(): OriginList {
    return this.#policy.allowedOrigins;
  }

  /** Why nobody may send this, whoever it is; null when that is not so. */
  refuse(request: AccessRequest & { url: string }): HeadwayError | null {
    return checkAccess(request, this.#policy) ?? (this.#keys && refuseKeyInUrl(request.url));
  }

  /** Who holds this key. @throws HeadwayError `unauthorized` when it is missing or not one of the gateway's */
  recognise(key: string | null): Caller {
    if (this.#keys === null) return anyone;
    const caller = key === null ? null : this.#keys.find(key);
    if (caller) return caller;
    throw new HeadwayError(
      'unauthorized',
      `${key === null ? 'this gateway needs an API key' : 'this API key is not one of the gateway’s'}; ` +
        'send one as Authorization: Bearer, x-api-key, or apiKey in the connectionParams of a socket',
    );
  }

  /** Looks again at somebody who was recognised before. @throws HeadwayError `unauthorized` when the key is no longer known */
  recheck(caller: Caller): void {
    if (this.#keys && !this.#keys.knows(caller))
      throw new HeadwayError('unauthorized', 'this API key has been removed; send another one');
  }

  /** Counts a socket of a key until the function that comes back is called. @throws HeadwayError `rate-limited` */
  holdSocket({ owner }: Caller): () => void {
    const open = this.#sockets.of(owner);
    // Without keys the connections of each address are counted, and these are among them.
    if (owner === '' || open < this.limits.connectionsEach) return this.#sockets.hold(owner);
    throw new HeadwayError('rate-limited', `this API key has ${open} sockets, the most it may have; close some`);
  }
}

/** The error by which somebody hears that they ask too often. */
export function tooManyRequests(waitMs: number): HeadwayError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new HeadwayError('rate-limited', `too many requests; send the next one in ${seconds} s`);
}
