import { HeadwayError } from '@headway/protocol';

/** One request too many; `waiting` are in line. */
export function queueFull(waiting: number): HeadwayError {
  return new HeadwayError(
    'queue-full',
    `${waiting} requests are waiting already, which is the most this server takes; try again in a moment`,
  );
}
