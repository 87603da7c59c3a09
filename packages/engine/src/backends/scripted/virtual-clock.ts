import type { Clock } from '../../timing/clock.ts';

interface Sleeper {
  wakeAt: number;
  wake: () => void;
  /** The clock does not move on by itself for it. */
  deadline: boolean;
}

/** A clock that a test moves. */
export interface VirtualClock extends Clock {
  /** Wakes, in order, whoever sleeps no longer than `ms` from now, letting each go on before the next. */
  advance(ms: number): Promise<void>;
  /** How many sleep, deadlines included. */
  readonly sleepers: number;
}

export interface VirtualClockOptions {
  /** Moves on by itself to the next sleeper that is no deadline whenever nothing else is left to do. @default false */
  auto?: boolean;
}

/** Lets everything happen that takes a few turns of the event loop and no time. */
async function othersGoOn(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock that does not pass by itself: what takes hours takes no time, and the same each time. */
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
    do await othersGoOn();
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
      do await othersGoOn();
      while (wakeNext(until));
      time = until;
    },
  };
}
