import type { HeadwayClient } from '@headway/client';
import { isRunning, useGeneration, type GenerationState } from '@headway/client/react';
import { maxBodyBytes } from '@headway/protocol';
import { useState } from 'react';

import type { Draft } from '../composer/draft.ts';
import type { Settings } from '../composer/settings.ts';
import { utf8Bytes } from '../documents/text-document.ts';
import { bytes } from '../words/quantities.ts';
import { toMessages, type Exchange } from './exchange.ts';

/** Of a request's bytes: what is left for everything but its messages. */
const envelopeBytes = 16 * 1024;

/** The exchanges of one chat, the last of which may be under way. */
export function useConversation(client: HeadwayClient) {
  const generation = useGeneration(client);
  const [exchanges, setExchanges] = useState<Exchange[]>([]);
  const busy = isRunning(generation);

  /** Sends a message after `before`. Returns why it can't, or null. */
  function ask(before: Exchange[], message: Draft, settings: Settings): string | null {
    const messages = toMessages(before, message);
    const size = utf8Bytes(JSON.stringify(messages));
    if (size > maxBodyBytes - envelopeBytes) {
      const remedy = before.length > 0 ? 'Start a new chat or attach less.' : 'Attach less.';
      return `This chat has ${bytes(size)}, and a request can have ${bytes(maxBodyBytes)}. ${remedy}`;
    }
    setExchanges([...before, { id: crypto.randomUUID(), message, answer: null }]);
    generation.start({ messages, ...settings });
    return null;
  }

  return {
    exchanges,
    generation,
    busy,
    stop: generation.stop,
    send: (message: Draft, settings: Settings) => ask(settled(exchanges, generation), message, settings),
    /** Sends the last message again. */
    retry(settings: Settings): string | null {
      const last = exchanges.at(-1);
      return last ? ask(exchanges.slice(0, -1), last.message, settings) : null;
    },
    /** Takes the last message back out of the chat. */
    takeBack(): Draft | null {
      const last = exchanges.at(-1);
      generation.reset();
      setExchanges(exchanges.slice(0, -1));
      return last?.message ?? null;
    },
    clear() {
      generation.reset();
      setExchanges([]);
    },
  };
}

/** With the answer of the generation that has ended in its place. */
function settled(exchanges: Exchange[], generation: GenerationState): Exchange[] {
  return exchanges.map((exchange) => (exchange.answer ? exchange : { ...exchange, answer: generation }));
}
