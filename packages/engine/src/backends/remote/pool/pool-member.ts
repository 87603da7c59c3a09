import type { HeadwayError } from '@headway/protocol';

import type { PrefixBlocks } from '../estimate/prefix-blocks.ts';

/** One upstream of a pool. */
export interface PoolMember {
  /** Its name in logs and in the status; distinct within a pool, and never a URL that holds a key. */
  readonly name: string;
  /** Most choices that it works on at the same time. */
  readonly concurrency: number;
  /** Whether it has answered since the start. Until then it gets no request. @default true */
  readonly isKnown?: boolean;
  /** Whether what is known of it may have changed: it is checked soon, also while requests succeed. @default false */
  readonly isOutdated?: boolean;
  /**
   * Resolves when the upstream answers; throws a HeadwayError that says why it does not, without address and key: its
   * text reaches clients. That of any other error does not.
   */
  check(signal: AbortSignal): Promise<void>;
}

export interface PlaceRequest<Member> {
  /** Prompt tokens; may be a guess. */
  tokens: number;
  /** The blocks of the prompt's text; empty for a request whose prompt shall meet no other's cache. */
  blocks: PrefixBlocks;
  /** Places that the request needs at the same time at one upstream: one for each choice. */
  places: number;
  /** Upstreams that this request has tried already. @default none */
  avoid?: ReadonlySet<Member>;
  signal: AbortSignal;
}

/** What became of a request, as far as it tells something about the upstream. */
export type PlaceOutcome =
  | { ok: true }
  /**
   * The upstream failed. With `retryAfterMs` it only asks to wait, as a 429 or 503 does: it gets no request for that
   * long and does not count as failing.
   */
  | { failed: HeadwayError; retryAfterMs?: number }
  /** The caller ended it. */
  | { cancelled: true }
  /** The upstream refused the request for its content, as a 400 does. */
  | { refused: true };

/** A request's place at one upstream. */
export interface Place<Member> {
  readonly member: Member;
  /** Tells that the prompt has been read, by the first token or sooner. Only the first call counts. */
  read(): void;
  /** Gives the place back. Only the first call counts. */
  end(outcome: PlaceOutcome): void;
}

/**
 * `up`: takes requests; `busy`: up, but it asked to wait, or does not answer while it works; `probing`: one request tries
 * whether it is up again; `down`: failed; `draining`: takes no requests until it is resumed.
 */
export type MemberState = 'up' | 'busy' | 'probing' | 'down' | 'draining';

export interface MemberStatus {
  name: string;
  state: MemberState;
  concurrency: number;
  /** Places taken. */
  running: number;
  /** Prompt tokens of its requests that it has yet to read. */
  outstandingTokens: number;
  /** Requests that it got so far. */
  placed: number;
  /** Those that failed. */
  failed: number;
  /** What went wrong last, without an address or a key; null when nothing did since it was last well. */
  lastError: string | null;
}
