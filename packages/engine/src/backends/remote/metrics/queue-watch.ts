import { abortable, deferred, type Deferred } from '@headway/protocol';

import type { Answer, Ask } from '../http/upstream-http.ts';
import { readMetric } from './read-metric.ts';

/** The upstream, as far as it is watched. */
export interface Watched {
  ask: (path: string, ask: Ask) => Promise<Answer>;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Time between two looks at the metrics while requests wait, in ms. */
const lookEveryMs = 250;
/** When the first look comes, in ms: a request that was just sent may not be in the queue yet. */
const firstLookMs = 20;
/** Time between two looks while none was seen to wait, in ms. */
const nextLookMs = 60;
/** So many looks see a request that was just sent. */
const surely = 2;
/** Longest time for one look, in ms. */
const longestLookMs = 2000;

interface Watcher {
  onWait: () => void;
  /** Looks since it joined. */
  looks: number;
  waited: boolean;
  done: Deferred<void>;
}

/** Looks at one upstream's queue for all requests that were sent there, and only while one of them watches. */
export class QueueWatch {
  readonly metric: string;
  readonly #upstream: Watched;
  readonly #watchers = new Set<Watcher>();
  /** Stops the looks; null while there are none. */
  #looking: AbortController | null = null;
  /** Whether the last look saw requests wait. */
  #waiting = false;

  constructor(metric: string, upstream: Watched) {
    this.metric = metric;
    this.#upstream = upstream;
  }

  /**
   * Calls `onWait` at each look that sees requests wait, at once where the last one did. Resolves when none waits.
   *
   * @throws the error of a look; the signal's reason
   */
  async join(onWait: () => void, signal: AbortSignal): Promise<void> {
    const watcher = { onWait, looks: 0, waited: false, done: deferred() };
    watcher.done.promise.catch(() => undefined);
    this.#watchers.add(watcher);
    // Whoever comes last waits behind the others.
    if (this.#waiting) onWait();
    this.#start();
    try {
      await abortable(watcher.done.promise, signal);
    } finally {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#stop();
    }
  }

  #start(): void {
    if (this.#looking) return;
    const looking = new AbortController();
    this.#looking = looking;
    const end = (tell: (watcher: Watcher) => void) => {
      if (!looking.signal.aborted) this.#end(tell);
    };
    this.#look(looking.signal).then(
      () => end((one) => one.done.resolve()),
      (thrown: unknown) => end((one) => one.done.reject(thrown)),
    );
  }

  #stop(): void {
    this.#looking?.abort();
    this.#looking = null;
    this.#waiting = false;
  }

  #end(tell: (watcher: Watcher) => void): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    this.#stop();
    for (const watcher of watchers) tell(watcher);
  }

  /** Looks until nobody watches, or the server has no such metric. */
  async #look(signal: AbortSignal): Promise<void> {
    const { ask, sleep } = this.#upstream;
    await sleep(firstLookMs, signal);
    for (;;) {
      const answer = await ask('metrics', { signal: AbortSignal.any([signal, AbortSignal.timeout(longestLookMs)]) });
      const waiting = readMetric(await answer.text(), this.metric);
      signal.throwIfAborted();
      if (answer.status !== 200 || waiting === null) return;
      this.#waiting = waiting > 0;
      this.#tell();
      await sleep(this.#waiting ? lookEveryMs : nextLookMs, signal);
    }
  }

  #tell(): void {
    for (const watcher of this.#watchers) {
      watcher.looks++;
      if (this.#waiting) {
        watcher.waited = true;
        watcher.onWait();
      } else if (watcher.waited || watcher.looks >= surely) {
        watcher.done.resolve();
      }
    }
  }
}
