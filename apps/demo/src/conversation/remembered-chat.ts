import type { GenerationState } from '@headway/client/react';

import { readTab, writeTab } from '../shell/tab-storage.ts';
import type { Exchange } from './exchange.ts';

const key = 'headway-chat';

/** The chat as it was when this tab was left or loaded again. */
export function recallChat(): Exchange[] {
  const stored = readTab(key);
  try {
    return stored === null ? [] : (JSON.parse(stored) as Exchange[]);
  } catch {
    return [];
  }
}

/**
 * Keeps the chat for when the tab is loaded again: of an answer that is under way its id, by which it can be watched.
 * A chat too long for the tab's storage (some 5 million characters) is not kept.
 */
export function rememberChat(exchanges: readonly Exchange[], generation: GenerationState): void {
  const ended = generation.state === 'done' || generation.state === 'error' ? generation : null;
  const chat = exchanges.map((exchange) => ({ ...exchange, answer: exchange.answer ?? ended }));
  if (chat.length === 0 || !writeTab(key, JSON.stringify(chat))) writeTab(key, null);
}
