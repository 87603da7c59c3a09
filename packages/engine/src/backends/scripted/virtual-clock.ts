import type { Clock } from '../../timing/clock.ts';

interface Sleeper {
  wakeAt: number;
  wake: () => void;
  /** Set by `after`: an automatic clock does not advance to reach a deadline. */
  deadline: boolean;
}

/** A clock that a test advances. */
export interface VirtualClock extends Clock {
  /** Advances by `ms`. Wakes the sleepers due by then in order, and lets each run on before it wakes the next. */
  advance(ms: number): Promise<void>;
  /** Number of pending sleeps and deadlines. */
  readonly sleepers: number;
}

export interface VirtualClockOptions {
  /**
   * Advances automatically to the next sleep when no other work is left. Does not advance for deadlines alone.
   * @default false
   */
  auto?: boolean;
}

/** Lets all work run that needs a few event-loop steps but no time. */
async function settle(): Promise<void> {
  for (let step = 0; step < 4; step++) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock whose time advances only on demand, so that hours pass in an instant and every run is the same. */
export function createVirtualClock({ auto = false }: VirtualClockOptions = {}): VirtualClock {
  let time = 0;
  let moving = false;
  const sleeping = new Set<Sleeper>();

  const earliest = (): Sleeper | null => {
    let next: Sleeper | null = null;
    for (const sleeper of sleeping) if (!next || sleeper.wakeAt < next.wakeAt) next = sleeper;
    return next;
  };
  const wakeNext = (until: number): boolean => {
    const next = earliest();
    if (!next || next.wakeAt > until) return false;
    time = Math.max(time, next.wakeAt);
    sleeping.delete(next);
    next.wake();
    return true;
  };
  const moveOn = async () => {
    do await settle();
    while ([...sleeping].some(({ deadline }) => !deadline) && wakeNext(Number.POSITIVE_INFINITY));
    moving = false;
  };

  return {
    now: () => time,
    get sleepers() {
      return sleeping.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          sleeping.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          wakeAt: time + ms,
          wake: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
          deadline: false,
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        sleeping.add(sleeper);
        if (!auto || moving) return;
        moving = true;
        void moveOn();
      }),
    after(ms, late) {
      const sleeper: Sleeper = { wakeAt: time + ms, wake: late, deadline: true };
      sleeping.add(sleeper);
      return () => void sleeping.delete(sleeper);
    },
    async advance(ms) {
      const until = time + ms;
      do await settle();
      while (wakeNext(until));
      time = until;
    },
  };
}
