import type { HeadwayClient } from '@headway/client';
import { idleGeneration, isRunning, useGeneration, type GenerationState } from '@headway/client/react';
import { createGenerationId, maxBodyBytes } from '@headway/protocol';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { Draft } from '../composer/draft.ts';
import type { Settings } from '../composer/settings.ts';
import { utf8Bytes } from '../documents/text-document.ts';
import { bytes } from '../words/quantities.ts';
import { toMessages, type Exchange } from './exchange.ts';
import { recallChat, rememberChat } from './remembered-chat.ts';

/** Bytes of a request that are reserved for everything but its messages. */
const envelopeBytes = 16 * 1024;

/** The exchanges of one chat, the last of which may still run. The chat survives a reload of the page. */
export function useConversation(client: HeadwayClient) {
  const generation = useGeneration(client);
  const [exchanges, setExchanges] = useState<Exchange[]>(recallChat);
  const busy = isRunning(generation);
  const { state, watch } = generation;

  useEffect(() => {
    // An answer that ran before the reload goes on at the gateway; the page shows it from its beginning.
    const last = recallChat().at(-1);
    if (last && !last.answer) watch(last.id);
  }, [watch]);

  // Not at each token: for a running answer the id is enough.
  const latest = useRef(generation);
  useEffect(() => {
    latest.current = generation;
  });
  useEffect(() => {
    if (state !== 'idle' || exchanges.length === 0) rememberChat(exchanges, latest.current);
  }, [exchanges, state]);

  /** Sends a message after the exchanges `before`. Returns why it cannot, or null. */
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

  // The answer that ended last; an answer that still runs has no forecast after it.
  const ended = useMemo(
    () => (busy || exchanges.length === 0 ? null : settled(exchanges, { ...idleGeneration, text: generation.text })),
    [busy, exchanges, generation.text],
  );

  return {
    exchanges,
    /** The exchanges that the next message follows; null while an answer runs. The same array until they change. */
    before: busy ? null : (ended ?? noExchanges),
    generation,
    busy,
    stop: generation.stop,
    send: (message: Draft, settings: Settings) => ask(settled(exchanges, generation), message, settings),
    /** Sends the last message again. */
    retry(settings: Settings): string | null {
      const last = exchanges.at(-1);
      return last ? ask(exchanges.slice(0, -1), last.message, settings) : null;
    },
    /** Removes the last message from the chat and returns it. */
    takeBack(): Draft | null {
      const last = exchanges.at(-1);
      generation.reset();
      setExchanges(exchanges.slice(0, -1));
      return last?.message ?? null;
    },
    clear() {
      // Dropping a watched generation would not cancel it.
      if (busy) generation.stop();
      generation.reset();
      setExchanges([]);
    },
  };
}

const noExchanges: Exchange[] = [];

/** The exchanges, with the answer of the ended generation in the last one. */
function settled(exchanges: Exchange[], generation: GenerationState): Exchange[] {
  return exchanges.map((exchange) => (exchange.answer ? exchange : { ...exchange, answer: generation }));
}
