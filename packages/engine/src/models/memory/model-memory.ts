import { planRoom, type ModelUse } from './plan-room.ts';

/** A model that shares the memory. */
export interface MemoryHolder {
  readonly id: string;
  /** What it has in memory; null while it is unloaded. */
  readonly use: ModelUse | null;
  /** The memory that it takes once it is loaded, in bytes. */
  readonly need: number;
  /** There is room: it may load, or, when it is loaded, do what waits for it. */
  admit(): void;
  /** It is idle and is to leave the memory. */
  unload(): void;
  /** Whether what arrives from now on waits for another model that was asked for before. */
  bar(barred: boolean): void;
}

/**
 * Decides which models are in memory. Models are admitted in the order in which they were asked for: the first one that
 * waits gets its room before any other, and models that have to make it take no new work until they are gone. So each
 * waits for no more than what runs when its turn comes.
 */
export class ModelMemory {
  /** In bytes; infinite without a limit. */
  readonly limit: number;
  readonly #holders: MemoryHolder[] = [];
  readonly #waiting: MemoryHolder[] = [];
  #planning = false;
  #changed = false;
  #closed = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** In bytes. */
  get used(): number {
    return this.#holders.reduce((sum, { use }) => sum + (use?.bytes ?? 0), 0);
  }

  add(holder: MemoryHolder): void {
    this.#holders.push(holder);
  }

  /** Queues a model for `admit`, unless it waits already. */
  ask(holder: MemoryHolder): void {
    if (!this.#waiting.includes(holder)) this.#waiting.push(holder);
    this.changed();
  }

  /** Nothing waits for the model any more. */
  withdraw(holder: MemoryHolder): void {
    this.#remove(holder);
    this.changed();
  }

  /** To be called when a model has begun or ended to work, to load or to leave. */
  changed(): void {
    this.#changed = true;
    if (this.#planning) return;
    this.#planning = true;
    while (this.#changed && !this.#closed) {
      this.#changed = false;
      this.#plan();
    }
    this.#planning = false;
  }

  /** Admits and unloads nothing from now on. */
  close(): void {
    this.#closed = true;
  }

  #plan(): void {
    const barred = this.#admitInOrder();
    for (const holder of this.#holders) holder.bar(barred.has(holder.id));
    const free = this.#waiting.filter((holder) => isLoaded(holder) && !barred.has(holder.id));
    for (const holder of free) {
      this.#remove(holder);
      holder.admit();
    }
  }

  /** Admits models as long as there is room. Returns the ids of those that are to take no new work. */
  #admitInOrder(): ReadonlySet<string> {
    for (;;) {
      const [first] = this.#waiting;
      // Its last process must be gone before it gets the next one.
      if (first?.use?.state === 'leaving') return new Set();
      if (!first || !isLoaded(first)) {
        const plan = this.#room(first?.need ?? 0);
        for (const holder of this.#holders) if (plan.unload.includes(holder.id)) holder.unload();
        if (!first) return new Set();
        if (!plan.fits) return new Set(plan.await);
      }
      this.#waiting.shift();
      first.admit();
    }
  }

  #room(need: number) {
    const uses = this.#holders.flatMap(({ use }) => use ?? []);
    // A model that turned out larger than the limit still runs, alone.
    const within = (bytes: number) => Math.min(bytes, this.limit);
    const models = uses.map((use) => ({ ...use, bytes: within(use.bytes) }));
    return planRoom({ limit: this.limit, need: within(need), models });
  }

  #remove(holder: MemoryHolder): void {
    const at = this.#waiting.indexOf(holder);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

function isLoaded({ use }: MemoryHolder): boolean {
  return use?.state === 'idle' || use?.state === 'busy';
}
