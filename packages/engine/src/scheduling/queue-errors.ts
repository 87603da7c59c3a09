import { HeadwayError } from '@headway/protocol';

/** The error for a request that finds the queue, which holds `size` requests, full. */
export function queueFull(size: number): HeadwayError {
  return new HeadwayError(
    'queue-full',
    `the queue is full (it holds ${size} requests); send the request again in a moment, or serve with a larger --max-queue`,
  );
}

/** The error for a request while the engine has `pending` that it has not answered or prepared yet, its limit. */
export function tooManyPending(pending: number): HeadwayError {
  return new HeadwayError(
    'queue-full',
    `the engine has ${pending} requests to take up, its limit; send the request again in a moment`,
  );
}

/**
 * The error for a request that waited for a slot for the longest time allowed. `served`: whether the model served
 * others meanwhile.
 */
export function queueTimeout(timeoutMs: number, served = true): HeadwayError {
  const seconds = (timeoutMs / 1000).toLocaleString('en');
  const message = served
    ? `no slot was free within ${seconds} s; send the request again, or serve the model with a longer --queue-timeout`
    : `the model took no request for ${seconds} s, as no upstream of it takes any; send the request again in a moment`;
  return new HeadwayError('queue-timeout', message);
}

/** The error for a request that waited for the memory of its model for the longest time allowed. */
export function memoryTimeout(timeoutMs: number): HeadwayError {
  const seconds = (timeoutMs / 1000).toLocaleString('en');
  return new HeadwayError(
    'queue-timeout',
    `no memory was free for the model within ${seconds} s, because other models were at work; send the request again, ` +
      'or serve with a larger --memory or a longer --queue-timeout',
  );
}
