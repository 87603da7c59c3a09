import { HeadwayError } from '@headway/protocol';

import type { PlaceRequest, PoolMember } from './pool-member.ts';

/** An upstream whose health a test sets. */
export class FakeMember implements PoolMember {
  readonly name: string;
  readonly concurrency: number;
  /** What a check finds: that it answers, what it throws, or nothing ever. */
  health: 'answers' | 'hangs' | Error = 'answers';
  /** Checks that began. */
  checks = 0;
  /** Checks that have not ended. */
  checking = 0;

  constructor(name: string, concurrency = 2) {
    this.name = name;
    this.concurrency = concurrency;
  }

  async check(signal: AbortSignal): Promise<void> {
    this.checks++;
    this.checking++;
    try {
      if (this.health === 'hangs') await untilAborted(signal);
      if (this.health instanceof Error) throw this.health;
    } finally {
      this.checking--;
    }
  }
}

/** What an upstream throws when nobody listens at its address. */
export function connectionRefused(): Error {
  return new HeadwayError('upstream-failed', 'it refused the connection; send the request again');
}

const { signal } = new AbortController();

export function placeRequest(request: Partial<PlaceRequest<FakeMember>> = {}): PlaceRequest<FakeMember> {
  return { tokens: 100, blocks: [], places: 1, signal, ...request };
}

function untilAborted(aborted: AbortSignal): Promise<never> {
  return new Promise((_, reject) => aborted.addEventListener('abort', () => reject(aborted.reason), { once: true }));
}
