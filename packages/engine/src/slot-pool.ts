import type { Prompt, Slot } from './backend.ts';
import { chooseSlot } from './choose-slot.ts';
import { queueFull } from './queue-full.ts';

interface Waiter {
  prompt: Prompt;
  owner: string;
  onPosition: (position: number) => void;
  grant: (slot: Slot) => void;
  refuse: (thrown: unknown) => void;
}

export interface WaitOptions {
  signal: AbortSignal;
  /** For whom: what another owner left in a slot is not reused. */
  owner: string;
  /** Called with the place in the queue (1 is next) when the request has to wait, and at each change. */
  onPosition: (position: number) => void;
}

/** Hands out the slots of one model, first come first served, and keeps the queue of those who wait. */
export class SlotPool {
  readonly #slots: readonly Slot[];
  readonly #maxQueue: number;
  readonly #idle: Set<Slot>;
  /** Whose tokens lie in a slot. */
  readonly #owner = new Map<Slot, string>();
  readonly #lastUsed = new Map<Slot, number>();
  readonly #queue: Waiter[] = [];
  #uses = 0;

  constructor(slots: readonly Slot[], maxQueue: number) {
    this.#slots = slots;
    this.#maxQueue = maxQueue;
    this.#idle = new Set(slots);
  }

  get busy(): number {
    return this.#slots.length - this.#idle.size;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Prompt tokens that would be reused if the prompt started now. */
  forecast(prompt: Prompt, owner: string): number {
    return Math.max(...this.#slots.map((slot) => this.#reusable(slot, prompt, owner)));
  }

  /** What the prompt would meet if it came now: a slot with so much of it, or a place in the queue. */
  outlook(prompt: Prompt, owner: string): { cached: number; queuePosition: number | null } {
    const slot = this.#best(prompt, owner);
    if (slot) return { cached: this.#reusable(slot, prompt, owner), queuePosition: null };
    return { cached: this.forecast(prompt, owner), queuePosition: this.#queue.length + 1 };
  }

  /**
   * Resolves with a slot, which must be given back by `release`.
   *
   * @throws HeadwayError `queue-full`; the signal's reason the instant it aborts
   */
  async acquire(prompt: Prompt, options: WaitOptions): Promise<Slot> {
    options.signal.throwIfAborted();
    const slot = this.#choose(prompt, options.owner) ?? (await this.#wait(prompt, options));
    if (this.#owner.get(slot) === options.owner) return slot;
    this.#owner.set(slot, options.owner);
    try {
      await slot.forget();
    } catch (thrown) {
      this.release(slot);
      throw thrown;
    }
    return slot;
  }

  #wait(prompt: Prompt, { signal, owner, onPosition }: WaitOptions): Promise<Slot> {
    if (this.#queue.length >= this.#maxQueue) throw queueFull(this.#queue.length);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        this.#announce();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        prompt,
        owner,
        onPosition,
        grant: (granted) => {
          signal.removeEventListener('abort', onAbort);
          resolve(granted);
        },
        refuse: (thrown) => {
          signal.removeEventListener('abort', onAbort);
          reject(thrown);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(waiter);
      onPosition(this.#queue.length);
    });
  }

  release(slot: Slot): void {
    this.#idle.add(slot);
    this.#lastUsed.set(slot, ++this.#uses);
    const next = this.#queue[0];
    if (!next) return;
    this.#queue.shift();
    try {
      const chosen = this.#choose(next.prompt, next.owner);
      if (chosen) next.grant(chosen);
    } catch (thrown) {
      next.refuse(thrown);
    }
    this.#announce();
  }

  #choose(prompt: Prompt, owner: string): Slot | undefined {
    const slot = this.#best(prompt, owner);
    if (slot) this.#idle.delete(slot);
    return slot;
  }

  #best(prompt: Prompt, owner: string): Slot | undefined {
    const idle = [...this.#idle];
    const candidates = idle.map((slot) => ({
      reusable: this.#reusable(slot, prompt, owner),
      held: slot.held,
      lastUsed: this.#lastUsed.get(slot) ?? 0,
    }));
    return idle[chooseSlot(candidates)];
  }

  #reusable(slot: Slot, prompt: Prompt, owner: string): number {
    return this.#owner.get(slot) === owner ? slot.reusable(prompt) : 0;
  }

  #announce(): void {
    this.#queue.forEach((waiter, at) => waiter.onPosition(at + 1));
  }
}
