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

/** What fetch throws when nobody listens at an address. */
export function connectionRefused(): Error {
  const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:8000'), { code: 'ECONNREFUSED' });
  return new TypeError('fetch failed', { cause });
}

const { signal } = new AbortController();

export function placeRequest(request: Partial<PlaceRequest<FakeMember>> = {}): PlaceRequest<FakeMember> {
  return { tokens: 100, blocks: [], places: 1, signal, ...request };
}

function untilAborted(aborted: AbortSignal): Promise<never> {
  return new Promise((_, reject) => aborted.addEventListener('abort', () => reject(aborted.reason), { once: true }));
}
