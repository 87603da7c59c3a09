import { useEffect, useMemo, useSyncExternalStore } from 'react';

import type { GenerateInput } from '@headway/protocol';

import type { HeadwayClient } from '../create-client.ts';
import { idleGeneration, type GenerationState } from './generation-state.ts';
import { createGenerationStore } from './generation-store.ts';

export interface UseGeneration extends GenerationState {
  /** Starts a generation; one that is still running is cancelled and forgotten. The same function at every render. */
  start: (input: GenerateInput) => void;
  /**
   * Shows a generation that is under way, or ended a short while ago, from its first event on: one that was started
   * before the page was loaded again, or elsewhere. The same function at every render.
   */
  watch: (id: string) => void;
  /** Cancels, also what is watched; the state becomes `done` with the finish reason `cancelled`. The same function at every render. */
  stop: () => void;
  /** Forgets: back to `idle`. What was started is cancelled, what is watched goes on. The same function at every render. */
  reset: () => void;
}

/**
 * A generation as component state: renders at most once a frame, and always shows the prefill's end before the first
 * token. It goes on over lost connections (`useConnection` tells of them). Unmounting cancels what was started here.
 */
export function useGeneration(client: HeadwayClient): UseGeneration {
  const store = useMemo(() => createGenerationStore(client), [client]);
  // React's strict mode runs this twice; the store can be started again afterwards.
  useEffect(() => () => store.reset(), [store]);
  const state = useSyncExternalStore(store.subscribe, store.getState, () => idleGeneration);
  return { ...state, start: store.start, watch: store.watch, stop: store.stop, reset: store.reset };
}
