import type { HeadwayError } from '@headway/protocol';

import type { Prompt, Slot } from '../backend/backend.ts';
import type { SlotState } from '../port/engine-port.ts';
import { chooseSlot } from './choose-slot.ts';
import type { Clock } from '../timing/clock.ts';
import { queueFull, queueTimeout } from './queue-errors.ts';
import { goesBefore, type QueuedRequest } from './queue-order.ts';

export interface SlotPoolOptions {
  /** Requests that may wait; the pool refuses the next one. */
  maxQueue: number;
  /** Longest wait, in ms. */
  queueTimeoutMs: number;
  clock: Clock;
  /**
   * Slots that may be busy now, where not all always may. A request goes in as long as fewer are, even if it then takes
   * several: otherwise one that needs more slots than may be busy would wait for ever. @default all slots
   */
  capacity?: (() => number) | undefined;
  /** Why waiting is of no use now. The pool then refuses all requests, those in the queue too. @default never */
  refusal?: (() => HeadwayError | null) | undefined;
}

export interface WaitOptions extends Pick<QueuedRequest, 'arrival'> {
  signal: AbortSignal;
  /** The request's owner. Tokens that another owner left in a slot are not reused. */
  owner: string;
  /**
   * Slots that the request needs at the same time, at most as many as the model has. It may shrink while the request
   * waits; then call `countChanged`.
   */
  count: () => number;
  /** Called with the place in the queue (1 is next) when the request starts to wait and whenever its place changes. */
  onPosition: (position: number) => void;
}

interface Waiter extends WaitOptions {
  prompt: Prompt;
  position: number;
  grant: (slots: Slots) => void;
  refuse: (thrown: unknown) => void;
}

/** A request's slots: the one that prefills the prompt, then one for each further choice. */
export type Slots = readonly [Slot, ...Slot[]];

/**
 * Hands out the slots of one model and queues the requests that wait for one. Higher priorities go first; at equal
 * priority the earlier arrival does. No request overtakes the first in the queue, so a request that needs several slots
 * gets them.
 */
export class SlotPool {
  readonly #slots: readonly Slot[];
  readonly #options: SlotPoolOptions;
  readonly #idle: Set<Slot>;
  readonly #lastUsed = new Map<Slot, number>();
  /** The owner of the tokens in a slot. */
  readonly #owner = new Map<Slot, string>();
  /** The request that has a slot. */
  readonly #run = new Map<Slot, { id: string; owner: string }>();
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

  /** What each slot does, in the backend's order. */
  slots(): SlotState[] {
    return this.#slots.map((slot) => ({
      run: this.#run.get(slot) ?? null,
      held: { tokens: slot.held, owner: this.#owner.get(slot) ?? '' },
    }));
  }

  /** Numbers a request on arrival, so that a long prompt does not lose its place while it is tokenised. */
  arrive(): number {
    return ++this.#arrivals;
  }

  /** Most prompt tokens that any slot, busy or idle, could reuse now. */
  forecast(prompt: Prompt, owner: string): number {
    return Math.max(...this.#slots.map((slot) => this.#reusable(slot, prompt, owner)));
  }

  /**
   * What the prompt would get now: a slot with `cached` of its tokens, or a place in the queue.
   *
   * @throws HeadwayError `queue-full`; why the backend serves no requests at present
   */
  outlook(prompt: Prompt, owner: string): { cached: number; queuePosition: number | null } {
    const { choices } = prompt.request;
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    const ahead = this.#ahead({ prompt, arrival: Number.POSITIVE_INFINITY });
    const slot = ahead === 0 && this.#fits(choices) ? this.#best(prompt, owner) : undefined;
    if (slot) return { cached: this.#reusable(slot, prompt, owner), queuePosition: null };
    const { maxQueue } = this.#options;
    if (this.#queue.length >= maxQueue) throw queueFull(maxQueue);
    return { cached: this.forecast(prompt, owner), queuePosition: ahead + 1 };
  }

  /**
   * Resolves with slots; the caller must `release` each. Slots that another owner used, or that the request does not
   * want to reuse, are emptied first.
   *
   * @throws HeadwayError `queue-full`, `queue-timeout`; why the backend serves no requests at present; the signal's
   * reason as soon as it aborts
   */
  async acquire(prompt: Prompt, options: WaitOptions): Promise<Slots> {
    options.signal.throwIfAborted();
    const refusal = this.#refusal();
    if (refusal) throw refusal;
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
    this.#run.delete(slot);
    this.#lastUsed.set(slot, ++this.#uses);
    this.#serveQueue();
  }

  /** To be called when `capacity` grew or `refusal` changed. */
  capacityChanged(): void {
    const refusal = this.#refusal();
    if (refusal) for (const waiter of this.#queue.splice(0)) waiter.refuse(refusal);
    else this.#serveQueue();
  }

  /** To be called when a request in the queue needs fewer slots than before. */
  countChanged(): void {
    this.#serveQueue();
  }

  #refusal(): HeadwayError | null {
    return this.#options.refusal?.() ?? null;
  }

  /** Whether a request for `count` slots gets them now, if none is before it. */
  #fits(count: number): boolean {
    return this.#idle.size >= count && this.busy < this.#capacity();
  }

  #capacity(): number {
    return this.#options.capacity?.() ?? this.#slots.length;
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
      const giveUp = (reason: unknown) => {
        stopWaiting();
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        this.#serveQueue();
        reject(reason);
      };
      const onAbort = () => giveUp(signal.reason);
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
      const before = this.#ahead(waiter);
      this.#queue.splice(before, 0, waiter);
      if (this.#grantFirst(waiter)) return;
      if (this.#queue.length > maxQueue) {
        this.#queue.splice(before, 1);
        return reject(queueFull(maxQueue));
      }
      signal.addEventListener('abort', onAbort, { once: true });
      cancelTimeout = clock.after(queueTimeoutMs, () => giveUp(queueTimeout(queueTimeoutMs, this.#capacity() > 0)));
      this.#reportPositions();
    });
  }

  /** How many queued requests go before this one. */
  #ahead(newcomer: QueuedRequest): number {
    return this.#queue.findLastIndex((other) => goesBefore(other, newcomer)) + 1;
  }

  /** Grants slots to the first requests in the queue and reports to the others their new places. */
  #serveQueue(): void {
    let first = this.#queue[0];
    while (first && this.#grantFirst(first)) first = this.#queue[0];
    this.#reportPositions();
  }

  #grantFirst(waiter: Waiter): boolean {
    if (this.#queue[0] !== waiter || !this.#fits(waiter.count())) return false;
    this.#queue.shift();
    try {
      waiter.grant(this.#choose(waiter));
    } catch (thrown) {
      waiter.refuse(thrown);
    }
    return true;
  }

  #choose({ prompt, owner, count }: Waiter): Slots {
    const wanted = count();
    const first = this.#best(prompt, owner);
    if (!first) throw new Error('no slot is idle');
    const slots: [Slot, ...Slot[]] = [first];
    while (slots.length < wanted) {
      // The other slots receive a copy of the first one's memory.
      const other = this.#bestBy(() => 0, slots);
      if (!other) throw new Error('too few slots are idle');
      slots.push(other);
    }
    for (const slot of slots) {
      this.#idle.delete(slot);
      this.#run.set(slot, { id: prompt.request.id ?? '', owner });
    }
    return slots;
  }

  #best(prompt: Prompt, owner: string): Slot | undefined {
    return this.#bestBy((slot) => this.#reusable(slot, prompt, owner));
  }

  /** `taken`: idle slots that the same request has already. */
  #bestBy(reusable: (slot: Slot) => number, taken: readonly Slot[] = []): Slot | undefined {
    const isIdle = (slot: Slot) => this.#idle.has(slot) && !taken.includes(slot);
    const idle = this.#slots.filter(isIdle);
    const isBusy = (slot: Slot | undefined) => slot !== undefined && !isIdle(slot);
    const candidates = idle.map((slot) => {
      const at = this.#slots.indexOf(slot);
      return {
        reusable: reusable(slot),
        held: slot.held,
        lastUsed: this.#lastUsed.get(slot) ?? 0,
        besideBusy: isBusy(this.#slots[at - 1]) || isBusy(this.#slots[at + 1]),
      };
    });
    return idle[chooseSlot(candidates)];
  }

  #reusable(slot: Slot, prompt: Prompt, owner: string): number {
    return this.#mayReuse(slot, prompt, owner) ? slot.reusable(prompt) : 0;
  }

  #mayReuse(slot: Slot, { request }: Prompt, owner: string): boolean {
    return request.cachePrompt && this.#owner.get(slot) === owner;
  }

  #reportPositions(): void {
    this.#queue.forEach((waiter, at) => {
      if (waiter.position === at + 1) return;
      waiter.position = at + 1;
      waiter.onPosition(at + 1);
    });
  }
}
