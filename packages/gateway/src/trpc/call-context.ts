import { HeadwayError } from '@headway/protocol';

import type { Caller } from '../access/caller.ts';
import type { ViewerConnection } from '../generations/connection/viewer-connection.ts';
import type { EventFrames } from './socket/event-frames.ts';

/** What a call over tRPC brings along in the gateway, on HTTP and on sockets. */
export interface CallContext {
  /**
   * Who is asking, found anew for each call, so that each can answer for itself.
   *
   * @throws HeadwayError `unauthorized`, `rate-limited`
   */
  identify?: () => Caller;
  /**
   * On sockets: counts a subscription until the function that comes back is called.
   *
   * @throws HeadwayError `rate-limited`
   */
  holdSubscription?: () => () => void;
  /** What streams go out by: where they wait for a slow reader. */
  connection?: ViewerConnection;
  /** On sockets: how their events are sent. */
  frames?: EventFrames;
}

/** A context that names nobody is a mistake, and no way in. */
export function callerOf({ identify }: CallContext): Caller {
  if (!identify) throw new HeadwayError('unauthorized', 'nothing says who is asking');
  return identify();
}

export function connectionOf({ connection }: CallContext): ViewerConnection | undefined {
  return connection;
}
