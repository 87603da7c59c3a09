import type { GenerateInput, HeadwayClient } from '@headway/client';
import { createGenerationStore, isRunning, type GenerationState, type GenerationStore } from '@headway/client/react';

/** The generations that this page shows or waits for, by id. They outlive the components that show them. */
export interface Runs {
  /** Starts a generation; its id is in the request. */
  start(input: GenerateInput & { id: string }): GenerationStore;
  /** Shows a generation that runs at the gateway, from its first event on; the same store at every call. */
  watch(id: string): GenerationStore;
  get(id: string): GenerationStore | undefined;
  /** Whether the generation runs, as far as this page knows. */
  running(id: string): boolean;
  stop(id: string): void;
  /** Stops one of a generation's choices; the others go on. */
  stopChoice(id: string, index: number): void;
  /** Stops to show all of them. Those that this page started are cancelled. */
  close(): void;
}

/** @param onEnd is called once with each generation's state at its end. */
export function createRuns(
  client: Pick<HeadwayClient, 'generate' | 'watch' | 'cancel' | 'connection'>,
  onEnd: (id: string, state: GenerationState) => void,
): Runs {
  const stores = new Map<string, GenerationStore>();

  function open(id: string, begin: (store: GenerationStore) => void): GenerationStore {
    const known = stores.get(id);
    if (known) return known;
    const store = createGenerationStore(client);
    stores.set(id, store);
    const unsubscribe = store.subscribe(() => {
      const state = store.getState();
      if (state.state !== 'done' && state.state !== 'error') return;
      unsubscribe();
      stores.delete(id);
      onEnd(id, state);
    });
    begin(store);
    return store;
  }

  return {
    start: (input) => open(input.id, (store) => store.start(input)),
    watch: (id) => open(id, (store) => store.watch(id)),
    get: (id) => stores.get(id),
    running(id) {
      const store = stores.get(id);
      return store !== undefined && isRunning(store.getState());
    },
    stop: (id) => stores.get(id)?.stop(),
    stopChoice: (id, index) => stores.get(id)?.stopAnswer(index),
    close() {
      for (const store of stores.values()) store.reset();
      stores.clear();
    },
  };
}
