import { EventEmitter, on } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ScriptedModel } from '../upstream-script.ts';

export type ModelState = 'unloaded' | 'loading' | 'loaded';

/** A change of the state of a model. */
export interface ModelChange {
  id: string;
  state: ModelState;
  /** How much of it is loaded, from 0 to 1. */
  share: number;
}

/** The models of an upstream, some of which must be loaded before they answer. */
export class Models {
  readonly list: readonly ScriptedModel[];
  readonly #states = new Map<string, ModelChange>();
  readonly #changes = new EventEmitter<{ change: [ModelChange] }>().setMaxListeners(0);

  constructor(list: readonly ScriptedModel[]) {
    this.list = list;
    for (const { id, loaded = true } of list) {
      this.#states.set(id, { id, state: loaded ? 'loaded' : 'unloaded', share: loaded ? 1 : 0 });
    }
  }

  get first(): string {
    return this.list[0]?.id ?? '';
  }

  has(id: string): boolean {
    return this.#states.has(id);
  }

  stateOf(id: string): ModelChange {
    return this.#states.get(id) ?? { id, state: 'unloaded', share: 0 };
  }

  /** All changes from now on, until the signal aborts. */
  async *changes(signal: AbortSignal): AsyncGenerator<ModelChange> {
    try {
      for await (const [change] of on(this.#changes, 'change', { signal })) yield change as ModelChange;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Loads the model where nothing has begun to, and yields the shares that are loaded, until all is. */
  async *load(id: string, signal: AbortSignal): AsyncGenerator<number> {
    const before = this.stateOf(id);
    if (before.state === 'loaded') return;
    const stop = new AbortController();
    const changes = this.changes(AbortSignal.any([signal, stop.signal]));
    // The listener must be there before the first change.
    const first = changes.next();
    if (before.state === 'unloaded') void this.#read(id);
    try {
      for (let next = await first; !next.done; next = await changes.next()) {
        if (next.value.id !== id) continue;
        yield next.value.share;
        if (next.value.state === 'loaded') return;
      }
      signal.throwIfAborted();
    } finally {
      stop.abort();
    }
  }

  /** Waits until the model is loaded. */
  async ensure(id: string, signal: AbortSignal): Promise<void> {
    for await (const _ of this.load(id, signal)) continue;
  }

  unload(id: string): void {
    this.#set({ id, state: 'unloaded', share: 0 });
  }

  async #read(id: string): Promise<void> {
    const { loadMs = 0, loadSteps = 4 } = this.list.find((model) => model.id === id) ?? {};
    this.#set({ id, state: 'loading', share: 0 });
    for (let step = 1; step <= loadSteps; step++) {
      await sleep(loadMs / loadSteps);
      this.#set({ id, state: step === loadSteps ? 'loaded' : 'loading', share: step / loadSteps });
    }
  }

  #set(change: ModelChange): void {
    this.#states.set(change.id, change);
    this.#changes.emit('change', change);
  }
}
