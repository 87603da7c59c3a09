export { useConnection } from './use-connection.ts';
export { useGeneration, type UseGeneration } from './use-generation.ts';
export {
  generationReducer,
  idleGeneration,
  isRunning,
  type GenerationAction,
  type GenerationState,
} from './generation-state.ts';
