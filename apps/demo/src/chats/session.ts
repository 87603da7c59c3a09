import { createClient, type HeadwayClient } from '@headway/client';

import type { Shelf } from '../storage/shelf.ts';
import { followAddress } from './address.ts';
import { createChats, type Chats } from './chats.ts';
import { createSettingsStore, type SettingsStore } from '../settings/settings-store.ts';
import { createLibrary } from './library.ts';

const channelName = 'headway-conversations';
const settingsChannelName = 'headway-settings';

/** The client of a gateway, and the chats of this browser over it. */
export interface Session {
  client: HeadwayClient;
  chats: Chats;
  /** Presets and the defaults of models. */
  settings: SettingsStore;
  /** Whether the client has a key. */
  hasKey: boolean;
  close(): void;
}

/** Opens a client and the chats that the shelf keeps. The shelf stays open when the session is closed. */
export function openSession(shelf: Shelf, apiKey: string | null): Session {
  const client = createClient(apiKey === null ? {} : { apiKey });
  const library = createLibrary(shelf, new BroadcastChannel(channelName));
  const chats = createChats(client, library);
  const settings = createSettingsStore(shelf, new BroadcastChannel(settingsChannelName));
  const leave = followAddress(library);
  return {
    client,
    chats,
    settings,
    hasKey: apiKey !== null,
    close() {
      leave();
      chats.close();
      library.close();
      settings.close();
      void client.close();
    },
  };
}
