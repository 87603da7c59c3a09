import { HeadwayError } from '@headway/protocol';

/** One request too many; `waiting` are in line. */
export function queueFull(waiting: number): HeadwayError {
  return new HeadwayError(
    'queue-full',
    `${waiting} requests are waiting already, which is the most this server takes; try again in a moment`,
  );
}

/** A request whose turn did not come in time. */
export function queueTimeout(timeoutMs: number): HeadwayError {
  const seconds = (timeoutMs / 1000).toLocaleString('en');
  return new HeadwayError(
    'queue-timeout',
    `no slot was free within ${seconds} s; send the request again, or serve the model with a longer --queue-timeout`,
  );
}
