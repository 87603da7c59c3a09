import { formatBytes, HeadwayError } from '@headway/protocol';

/** The error for a model that does not fit into the memory for models, even alone. `bytes`: what it needs. */
export function tooLarge(id: string, bytes: number, limit: number): HeadwayError {
  return new HeadwayError(
    'model-load-failed',
    `model: ${id} needs about ${formatBytes(bytes)}, which is ${formatBytes(bytes - limit)} more than the limit of ` +
      `${formatBytes(limit)}; raise --memory, or use a smaller --ctx, fewer --parallel slots or a smaller model`,
    { retryable: false },
  );
}
