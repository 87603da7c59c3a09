import { useEffect, useMemo, useSyncExternalStore } from 'react';

import type { GenerateInput } from '@headway/protocol';

import type { HeadwayClient } from '../create-client.ts';
import { idleGeneration, type GenerationState } from './generation-state.ts';
import { createGenerationStore } from './generation-store.ts';

export interface UseGeneration extends GenerationState {
  /** Starts a generation; one that is still running is cancelled and forgotten. The same function at every render. */
  start: (input: GenerateInput) => void;
  /** Cancels; the state becomes `done` with the finish reason `cancelled`. The same function at every render. */
  stop: () => void;
  /** Cancels and forgets: back to `idle`. The same function at every render. */
  reset: () => void;
}

/**
 * A generation as component state: renders at most once a frame, and always shows the prefill's end before the first
 * token. Unmounting cancels what runs.
 */
export function useGeneration(client: HeadwayClient): UseGeneration {
  const store = useMemo(() => createGenerationStore(client), [client]);
  // React's strict mode runs this twice; the store can be started again afterwards.
  useEffect(() => () => store.reset(), [store]);
  const state = useSyncExternalStore(store.subscribe, store.getState, () => idleGeneration);
  return { ...state, start: store.start, stop: store.stop, reset: store.reset };
}
