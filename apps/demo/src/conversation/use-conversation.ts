import type { HeadwayClient } from '@headway/client';
import { isRunning, useGeneration, type GenerationState } from '@headway/client/react';
import { createGenerationId, maxBodyBytes } from '@headway/protocol';
import { useEffect, useRef, useState } from 'react';

import type { Draft } from '../composer/draft.ts';
import type { Settings } from '../composer/settings.ts';
import { utf8Bytes } from '../documents/text-document.ts';
import { bytes } from '../words/quantities.ts';
import { toMessages, type Exchange } from './exchange.ts';
import { recallChat, rememberChat } from './remembered-chat.ts';

/** Of a request's bytes: what is left for everything but its messages. */
const envelopeBytes = 16 * 1024;

/** The exchanges of one chat, the last of which may be under way. It survives that the page is loaded again. */
export function useConversation(client: HeadwayClient) {
  const generation = useGeneration(client);
  const [exchanges, setExchanges] = useState<Exchange[]>(recallChat);
  const busy = isRunning(generation);
  const { state, watch } = generation;

  useEffect(() => {
    // What was under way when the page was left goes on at the gateway, and is shown from its beginning.
    const last = recallChat().at(-1);
    if (last && !last.answer) watch(last.id);
  }, [watch]);

  // Not at each token: of an answer under way the id is enough.
  const latest = useRef(generation);
  useEffect(() => {
    latest.current = generation;
  });
  useEffect(() => {
    if (state !== 'idle' || exchanges.length === 0) rememberChat(exchanges, latest.current);
  }, [exchanges, state]);

  /** Sends a message after `before`. Returns why it can't, or null. */
  function ask(before: Exchange[], message: Draft, settings: Settings): string | null {
    const messages = toMessages(before, message);
    const size = utf8Bytes(JSON.stringify(messages));
    if (size > maxBodyBytes - envelopeBytes) {
      const remedy = before.length > 0 ? 'Start a new chat or attach less.' : 'Attach less.';
      return `This chat has ${bytes(size)}, and a request can have ${bytes(maxBodyBytes)}. ${remedy}`;
    }
    const id = createGenerationId();
    setExchanges([...before, { id, message, answer: null }]);
    generation.start({ messages, ...settings, id });
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
      // What is only watched here would go on.
      if (busy) generation.stop();
      generation.reset();
      setExchanges([]);
    },
  };
}

/** With the answer of the generation that has ended in its place. */
function settled(exchanges: Exchange[], generation: GenerationState): Exchange[] {
  return exchanges.map((exchange) => (exchange.answer ? exchange : { ...exchange, answer: generation }));
}
