import { useSyncExternalStore } from 'react';

import { idleGeneration, type GenerationState } from './state/generation-state.ts';
import type { GenerationStore } from './generation-store.ts';

/**
 * The state of a generation that outlives the component, such as one of several chats. Unmounting cancels nothing: whoever
 * created the store calls its `reset()`. Null shows the state `idle`.
 */
export function useGenerationStore(store: Pick<GenerationStore, 'subscribe' | 'getState'> | null): GenerationState {
  return useSyncExternalStore(store?.subscribe ?? subscribeToNothing, store?.getState ?? getIdle, () => idleGeneration);
}

const subscribeToNothing = () => () => undefined;
const getIdle = () => idleGeneration;
