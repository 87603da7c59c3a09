import { createClient, type HeadwayClient } from '@headway/client';

import type { Shelf } from '../storage/shelf.ts';
import { followAddress } from './address.ts';
import { createChats, type Chats } from './chats.ts';
import { createLibrary } from './library.ts';

const channelName = 'headway-conversations';

/** The client of a gateway, and the chats of this browser over it. */
export interface Session {
  client: HeadwayClient;
  chats: Chats;
  /** Whether the client has a key. */
  hasKey: boolean;
  close(): void;
}

/** Opens a client and the chats that the shelf keeps. The shelf stays open when the session is closed. */
export function openSession(shelf: Shelf, apiKey: string | null): Session {
  const client = createClient(apiKey === null ? {} : { apiKey });
  const library = createLibrary(shelf, new BroadcastChannel(channelName));
  const chats = createChats(client, library);
  const leave = followAddress(library);
  return {
    client,
    chats,
    hasKey: apiKey !== null,
    close() {
      leave();
      chats.close();
      library.close();
      void client.close();
    },
  };
}
