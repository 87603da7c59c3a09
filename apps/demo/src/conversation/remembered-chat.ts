import type { GenerationState } from '@headway/client/react';

import { readTab, writeTab } from '../shell/tab-storage.ts';
import type { Exchange } from './exchange.ts';

const key = 'headway-chat';

/** The chat that this tab stored before it was reloaded. */
export function recallChat(): Exchange[] {
  const stored = readTab(key);
  try {
    return stored === null ? [] : (JSON.parse(stored) as Exchange[]);
  } catch {
    return [];
  }
}

/**
 * Stores the chat for a reload of the tab. Of a running answer it stores the id, by which the page can watch it. A chat too
 * long for the tab's storage (about 5 million characters) is not stored.
 */
export function rememberChat(exchanges: readonly Exchange[], generation: GenerationState): void {
  const ended = generation.state === 'done' || generation.state === 'error' ? generation : null;
  const chat = exchanges.map((exchange) => ({ ...exchange, answer: exchange.answer ?? ended }));
  if (chat.length === 0 || !writeTab(key, JSON.stringify(chat))) writeTab(key, null);
}
