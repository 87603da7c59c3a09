import type { GenerateInput, HeadwayClient } from '@headway/client';
import { createGenerationStore, type GenerationState, type GenerationStore } from '@headway/client/react';

/** The generations that this page shows or waits for, by id. They outlive the components that show them. */
export interface Runs {
  /** Starts a generation; its id is in the request. */
  start(input: GenerateInput & { id: string }): void;
  /** Shows a generation that runs at the gateway, from its first event on. One that is here already goes on. */
  watch(id: string): void;
  /** The same store from the start to the end. */
  get(id: string): GenerationStore | undefined;
  stop(id: string): void;
  /** Stops one of a generation's choices; the others go on. */
  stopChoice(id: string, index: number): void;
  /** Stops to show all of them. Those that this page started are cancelled. */
  close(): void;
}

interface RunsOptions {
  /** Whether to watch again a generation that ended so, for example because it has not reached the gateway yet. */
  asksAgain: (id: string, end: GenerationState) => boolean;
  /** How long to wait before, in ms. */
  askAgainMs: number;
  /** Is called once with each generation's state at its end. */
  onEnd: (id: string, end: GenerationState) => void;
}

export function createRuns(
  client: Pick<HeadwayClient, 'generate' | 'watch' | 'cancel' | 'connection'>,
  { asksAgain, askAgainMs, onEnd }: RunsOptions,
): Runs {
  const stores = new Map<string, GenerationStore>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  function open(id: string, begin: (store: GenerationStore) => void): void {
    if (stores.has(id)) return;
    const store = createGenerationStore(client);
    stores.set(id, store);
    const unsubscribe = store.subscribe(() => {
      const state = store.getState();
      if (state.state !== 'done' && state.state !== 'error') return;
      // Components keep the store that they have, so it stays.
      if (asksAgain(id, state)) return watchLater(id, store);
      unsubscribe();
      stores.delete(id);
      onEnd(id, state);
    });
    begin(store);
  }

  function watchLater(id: string, store: GenerationStore): void {
    if (timers.has(id)) return;
    const again = () => {
      timers.delete(id);
      store.watch(id);
    };
    timers.set(id, setTimeout(again, askAgainMs));
  }

  return {
    start: (input) => open(input.id, (store) => store.start(input)),
    watch: (id) => open(id, (store) => store.watch(id)),
    get: (id) => stores.get(id),
    stop: (id) => stores.get(id)?.stop(),
    stopChoice: (id, index) => stores.get(id)?.stopAnswer(index),
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      for (const store of stores.values()) store.reset();
      stores.clear();
    },
  };
}
