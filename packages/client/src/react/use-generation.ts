import { useEffect, useMemo } from 'react';

import type { GenerateInput } from '@headway/protocol';

import type { HeadwayClient } from '../create-client.ts';
import type { GenerationState } from './state/generation-state.ts';
import { createGenerationStore } from './generation-store.ts';
import { useGenerationStore } from './use-generation-store.ts';

export interface UseGeneration extends GenerationState {
  /** Starts a generation, and cancels the one that was started before. The same function at every render. */
  start: (input: GenerateInput) => void;
  /**
   * Shows a generation that runs, or ended a short while ago, from its first event on: for example one that was started
   * before the page was reloaded. The same function at every render.
   */
  watch: (id: string) => void;
  /**
   * Cancels the generation, also a watched one; the state becomes `done` with the finish reason `cancelled`. The same
   * function at every render.
   */
  stop: () => void;
  /**
   * Cancels one of several answers, by its index; the others go on, and the last open one ends the generation. The same
   * function at every render.
   */
  stopAnswer: (index: number) => void;
  /** Makes the state `idle`; cancels a generation that was started, not one that was watched. The same function at every render. */
  reset: () => void;
}

/**
 * A generation as component state. It renders at most once a frame, and always shows the end of the prefill before the
 * first token. The generation resumes after lost connections, which `useConnection` shows. Unmounting cancels a generation
 * that was started here.
 */
export function useGeneration(client: HeadwayClient): UseGeneration {
  const store = useMemo(() => createGenerationStore(client), [client]);
  // React's strict mode runs this twice; the store can start another generation afterwards.
  useEffect(() => () => store.reset(), [store]);
  const state = useGenerationStore(store);
  const { start, watch, stop, stopAnswer, reset } = store;
  return { ...state, start, watch, stop, stopAnswer, reset };
}
