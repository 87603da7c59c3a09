export { useConnection } from './use-connection.ts';
export { createGenerationStore, type GenerationStore } from './generation-store.ts';
export { useGeneration, type UseGeneration } from './use-generation.ts';
export { useGenerationStore } from './use-generation-store.ts';
export type { AnswerState } from './state/answer-state.ts';
export { generationReducer } from './state/generation-reducer.ts';
export { idleGeneration, isRunning, type GenerationAction, type GenerationState } from './state/generation-state.ts';
export type { SpanProgress as SpanState } from '@headway/protocol';
export type { RateSample } from './state/rate-samples.ts';
