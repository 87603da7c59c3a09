import { useSyncExternalStore } from 'react';

import type { HeadwayClient } from '../create-client.ts';
import type { ConnectionState } from '../connection/connection-state.ts';

/** The state of the client's connection, for example to show that it reconnects. */
export function useConnection({ connection }: HeadwayClient): ConnectionState {
  return useSyncExternalStore(connection.subscribe, connection.getState, connection.getState);
}
