export { useConnection } from './use-connection.ts';
export { createGenerationStore, type GenerationStore } from './generation-store.ts';
export { useGeneration, type UseGeneration } from './use-generation.ts';
export { useGenerationStore } from './use-generation-store.ts';
export {
  generationReducer,
  idleGeneration,
  isRunning,
  type GenerationAction,
  type GenerationState,
} from './generation-state.ts';
