import { HeadwayError } from '@headway/protocol';

import type { Caller } from '../access/caller.ts';
import type { ViewerConnection } from '../generations/connection/viewer-connection.ts';
import type { EventFrames } from './socket/event-frames.ts';

/** The context of a tRPC call in the gateway, over HTTP and over sockets. */
export interface CallContext {
  /**
   * Identifies the caller. It runs for each call, so that each is counted and checked by itself.
   *
   * @throws HeadwayError `unauthorized`, `rate-limited`
   */
  identify?: () => Caller;
  /**
   * On sockets: counts a subscription until the returned function is called.
   *
   * @throws HeadwayError `rate-limited`
   */
  countSubscription?: () => () => void;
  /** The connection that streams are written to, and on which they wait for a slow client. */
  connection?: ViewerConnection;
  /** On sockets: sends events past tRPC's loop. */
  frames?: EventFrames;
}

/** The caller of a call. A context without `identify` is refused: it is a programming error. */
export function callerOf({ identify }: CallContext): Caller {
  if (!identify) throw new HeadwayError('unauthorized', 'the context of this call has no caller');
  return identify();
}

export function connectionOf({ connection }: CallContext): ViewerConnection | undefined {
  return connection;
}
