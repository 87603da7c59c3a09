import { HeadwayError } from '@headway/protocol';

/** The error for a request that finds `waiting` requests, the maximum, in the queue. */
export function queueFull(waiting: number): HeadwayError {
  return new HeadwayError(
    'queue-full',
    `the queue is full (${waiting} requests wait); send the request again in a moment, or serve with a larger --max-queue`,
  );
}

/** The error for a request that waited for a slot for the longest time allowed. */
export function queueTimeout(timeoutMs: number): HeadwayError {
  const seconds = (timeoutMs / 1000).toLocaleString('en');
  return new HeadwayError(
    'queue-timeout',
    `no slot was free within ${seconds} s; send the request again, or serve the model with a longer --queue-timeout`,
  );
}
