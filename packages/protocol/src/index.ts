// What needs no zod has a file of its own, so that the SDK leaves zod out of a page.
export * from './chat-template-kwargs.ts';
export * from './choice-collector.ts';
export * from './context-overflow.ts';
export * from './create-generation-id.ts';
export * from './error-code.ts';
export * from './estimate.ts';
export * from './event.ts';
export * from './event-queue.ts';
export * from './generate-request.ts';
export * from './generation.ts';
export * from './generation-id.ts';
export * from './generation-info.ts';
export * from './headway-error.ts';
export * from './json-schema.ts';
export * from './live-generation.ts';
export * from './logit-bias.ts';
export * from './max-body-bytes.ts';
export * from './merge-events.ts';
export * from './message.ts';
export * from './model-info.ts';
export * from './no-usage.ts';
export * from './open-choices.ts';
export * from './parse.ts';
export * from './response-format.ts';
export * from './retryable.ts';
export * from './terminal-event.ts';
export * from './token-requests.ts';
export * from './tool.ts';
export { mayCallTools } from './tool-faults.ts';
export * from './usage.ts';
export * from './progress/format-progress.ts';
export * from './progress/progress-outcome.ts';
export type { ProgressOptions } from './progress/progress-reporter.ts';
export { captureProgress, type GenerateProgress } from './progress/progress-scope.ts';
export type { ProgressSnapshot } from './progress/progress-snapshot.ts';
export {
  toProgressHook,
  type ProgressHook,
  type ProgressTarget,
  type UpdatableTarget,
} from './progress/progress-target.ts';
export type { ThrottleOptions } from './progress/progress-throttle.ts';
export { StallWatch, type StallWatchOptions } from './progress/stall-watch.ts';
export { createStatusTicker, type StatusTickerOptions } from './progress/status-ticker.ts';
export { withProgress } from '#progress-scope';
