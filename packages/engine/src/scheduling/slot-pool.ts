import type { Prompt, Slot } from '../backend/backend.ts';
import { chooseSlot } from './choose-slot.ts';
import type { Clock } from '../timing/clock.ts';
import { queueFull, queueTimeout } from './queue-errors.ts';
import { goesBefore, type QueuedRequest } from './queue-order.ts';

export interface SlotPoolOptions {
  /** Requests that may wait; one more is refused. */
  maxQueue: number;
  /** Longest wait, in ms. */
  queueTimeoutMs: number;
  clock: Clock;
}

export interface WaitOptions extends QueuedRequest {
  signal: AbortSignal;
  /** For whom: what another owner left in a slot is not reused. */
  owner: string;
  /** Slots that are needed at once, no more than there are. */
  count: number;
  /** Called with the place in the queue (1 is next) when the request has to wait, and at each change. */
  onPosition: (position: number) => void;
}

interface Waiter extends WaitOptions {
  prompt: Prompt;
  position: number;
  grant: (slots: Slots) => void;
  refuse: (thrown: unknown) => void;
}

/** What a request works on: the slot that reads its prompt, then one for each further choice. */
export type Slots = readonly [Slot, ...Slot[]];

/**
 * Hands out the slots of one model and keeps the queue of those who wait. Higher priorities go first, and among equals
 * who came first. Nobody overtakes the first in line, so that a request which needs several slots at once gets them.
 */
export class SlotPool {
  readonly #slots: readonly Slot[];
  readonly #options: SlotPoolOptions;
  readonly #idle: Set<Slot>;
  readonly #lastUsed = new Map<Slot, number>();
  /** Whose tokens lie in a slot. */
  readonly #owner = new Map<Slot, string>();
  readonly #queue: Waiter[] = [];
  #uses = 0;
  #arrivals = 0;

  constructor(slots: readonly Slot[], options: SlotPoolOptions) {
    this.#slots = slots;
    this.#options = options;
    this.#idle = new Set(slots);
  }

  get busy(): number {
    return this.#slots.length - this.#idle.size;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** The number of a request that comes now: a long prompt, which takes longer to tokenise, does not lose its place by it. */
  arrive(): number {
    return ++this.#arrivals;
  }

  /** Prompt tokens that would be reused if the prompt started now. */
  forecast(prompt: Prompt, owner: string): number {
    return Math.max(...this.#slots.map((slot) => this.#reusable(slot, prompt, owner)));
  }

  /**
   * What the prompt would meet if it came now: a slot with so much of it, or a place in the queue.
   *
   * @throws HeadwayError `queue-full`
   */
  outlook(prompt: Prompt, owner: string): { cached: number; queuePosition: number | null } {
    const { choices, priority } = prompt.request;
    const ahead = this.#ahead({ priority, arrival: Number.POSITIVE_INFINITY });
    const slot = ahead === 0 && this.#idle.size >= choices ? this.#best(prompt, owner) : undefined;
    if (slot) return { cached: this.#reusable(slot, prompt, owner), queuePosition: null };
    const { maxQueue } = this.#options;
    if (this.#queue.length >= maxQueue) throw queueFull(maxQueue);
    return { cached: this.forecast(prompt, owner), queuePosition: ahead + 1 };
  }

  /**
   * Resolves with slots, each of which must be given back by `release`. What another owner left in them, or
   * what the request does not want to reuse, is gone.
   *
   * @throws HeadwayError `queue-full`, `queue-timeout`; the signal's reason the instant it aborts
   */
  async acquire(prompt: Prompt, options: WaitOptions): Promise<Slots> {
    options.signal.throwIfAborted();
    const slots = await this.#wait(prompt, options);
    try {
      for (const slot of slots) {
        options.signal.throwIfAborted();
        if (!this.#mayReuse(slot, prompt, options.owner)) await slot.forget();
      }
    } catch (thrown) {
      for (const slot of slots) this.release(slot);
      throw thrown;
    }
    for (const slot of slots) this.#owner.set(slot, options.owner);
    return slots;
  }

  release(slot: Slot): void {
    this.#idle.add(slot);
    this.#lastUsed.set(slot, ++this.#uses);
    this.#moveUp();
  }

  #wait(prompt: Prompt, options: WaitOptions): Promise<Slots> {
    const { signal } = options;
    const { clock, maxQueue, queueTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      let cancelTimeout: (() => void) | null = null;
      const stopWaiting = () => {
        cancelTimeout?.();
        signal.removeEventListener('abort', onAbort);
      };
      const leave = (reason: unknown) => {
        stopWaiting();
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        this.#moveUp();
        reject(reason);
      };
      const onAbort = () => leave(signal.reason);
      const waiter: Waiter = {
        ...options,
        prompt,
        position: 0,
        grant: (slots) => {
          stopWaiting();
          resolve(slots);
        },
        refuse: (thrown) => {
          stopWaiting();
          reject(thrown);
        },
      };
      const before = this.#ahead(options);
      this.#queue.splice(before, 0, waiter);
      if (this.#grantFirst(waiter)) return;
      if (this.#queue.length > maxQueue) {
        this.#queue.splice(before, 1);
        return reject(queueFull(maxQueue));
      }
      signal.addEventListener('abort', onAbort, { once: true });
      cancelTimeout = clock.after(queueTimeoutMs, () => leave(queueTimeout(queueTimeoutMs)));
      this.#announce();
    });
  }

  /** How many of those who wait go before a newcomer. */
  #ahead(newcomer: QueuedRequest): number {
    return this.#queue.findLastIndex((other) => goesBefore(other, newcomer)) + 1;
  }

  /** Serves those whose turn it is, and tells the others where they stand. */
  #moveUp(): void {
    let first = this.#queue[0];
    while (first && this.#grantFirst(first)) first = this.#queue[0];
    this.#announce();
  }

  #grantFirst(waiter: Waiter): boolean {
    if (this.#queue[0] !== waiter || this.#idle.size < waiter.count) return false;
    this.#queue.shift();
    try {
      waiter.grant(this.#choose(waiter));
    } catch (thrown) {
      waiter.refuse(thrown);
    }
    return true;
  }

  #choose({ prompt, owner, count }: Waiter): Slots {
    const first = this.#best(prompt, owner);
    if (!first) throw new Error('no slot is idle');
    // The others get a copy of what the first one reads: those go whose memory was not used for the longest time.
    const others = [...this.#idle]
      .filter((slot) => slot !== first)
      .toSorted((a, b) => this.#lastUse(a) - this.#lastUse(b))
      .slice(0, count - 1);
    const slots: Slots = [first, ...others];
    for (const slot of slots) this.#idle.delete(slot);
    return slots;
  }

  #lastUse(slot: Slot): number {
    return this.#lastUsed.get(slot) ?? 0;
  }

  #best(prompt: Prompt, owner: string): Slot | undefined {
    const idle = [...this.#idle];
    const candidates = idle.map((slot) => ({
      reusable: this.#reusable(slot, prompt, owner),
      held: slot.held,
      lastUsed: this.#lastUse(slot),
    }));
    return idle[chooseSlot(candidates)];
  }

  #reusable(slot: Slot, prompt: Prompt, owner: string): number {
    return this.#mayReuse(slot, prompt, owner) ? slot.reusable(prompt) : 0;
  }

  #mayReuse(slot: Slot, { request }: Prompt, owner: string): boolean {
    return request.cachePrompt && this.#owner.get(slot) === owner;
  }

  #announce(): void {
    this.#queue.forEach((waiter, at) => {
      if (waiter.position === at + 1) return;
      waiter.position = at + 1;
      waiter.onPosition(at + 1);
    });
  }
}
