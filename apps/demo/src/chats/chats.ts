import type { GenerateInput, HeadwayClient } from '@headway/client';
import type { GenerationState } from '@headway/client/react';
import { createGenerationId, maxBodyBytes } from '@headway/protocol';

import type { Draft } from '../composer/draft.ts';
import { requestFields, type Settings } from '../settings/settings.ts';
import { utf8Bytes } from '../documents/text-document.ts';
import { beginning, type Conversation, type Question, type Reply } from '../storage/records.ts';
import { bytes } from '../words/quantities.ts';
import type { Library } from './library.ts';
import { newReplies, type Asked } from '../conversation/new-replies.ts';
import { requestContent } from '../conversation/request-content.ts';
import { createRuns, type Runs } from './runs.ts';
import { titleOf } from '../conversation/title.ts';
import { shownBranch, type Exchange } from '../conversation/tree.ts';

/** What the next answer is asked with. */
export interface AskOptions extends Asked {
  settings: Settings;
}

/** Conversations and the generations that write their answers. */
export interface Chats {
  library: Library;
  runs: Pick<Runs, 'get'>;
  /** The conversation that waits for a generation; null for one that this page does not wait for. */
  conversationOf(generation: string): string | null;
  /** Sends a message at the end of the shown conversation. Returns why it cannot, or null. */
  send(draft: Draft, options: AskOptions): string | null;
  /** Sends another version of a question of the shown branch, which goes on from there. Returns why it cannot, or null. */
  resend(question: string, draft: Draft, options: AskOptions): string | null;
  /** Asks for another answer to a question of the shown branch. Returns why it cannot, or null. */
  answerAgain(question: string, options: AskOptions): string | null;
  /**
   * Shows a version of the message after `parent` (null: the first message); null shows the latest again, and several that
   * were asked for together side by side.
   */
  choose(parent: string | null, version: string | null): void;
  /** Stops a reply; others of the same generation go on. */
  stop(reply: Reply): void;
  /** Stops everything that the shown question waits for. */
  stopAll(replies: readonly Reply[]): void;
  /** Deletes a conversation and stops what still writes in it. */
  delete(conversation: string): void;
  close(): void;
}

/** Bytes of a request that are reserved for everything but its messages. */
const envelopeBytes = 64 * 1024;
/** What running answers have written is stored so often, in ms. */
const keepEveryMs = 3000;
/** A generation that another tab has just started may reach the gateway later than this tab asks for it, in ms. */
const startsWithinMs = 10_000;
const askAgainMs = 500;

/** Ends that say nothing about the generation, which may go on at the gateway. They are shown and not stored. */
const unknownEnds = new Set(['connection-lost', 'unauthorized']);

export function createChats(client: HeadwayClient, library: Library, now: () => number = Date.now): Chats {
  /** The replies that each running generation writes. */
  const waiting = new Map<string, readonly Reply[]>();
  /** Whether the page shows an end that is not stored, since the generation may go on at the gateway. */
  let lostSight = false;
  const runs = createRuns(client, { asksAgain, askAgainMs, onEnd });

  function asksAgain(generation: string, { error, prefill }: GenerationState): boolean {
    const [first] = waiting.get(generation) ?? [];
    const isUnknown = error?.code === 'generation-not-found' && prefill === null;
    return isUnknown && first !== undefined && first.created > now() - startsWithinMs;
  }

  function onEnd(generation: string, end: GenerationState): void {
    const replies = waiting.get(generation) ?? [];
    waiting.delete(generation);
    const stored = !end.error || !unknownEnds.has(end.error.code);
    lostSight ||= !stored;
    library.settle(replies, end, { stored });
  }

  /** Watches what is waited for, such as an answer that ran before the page was reloaded. */
  function follow(replies: readonly Reply[]): void {
    for (const [generation, ofOne] of byGeneration(replies)) {
      if (waiting.has(generation)) continue;
      waiting.set(generation, ofOne);
      runs.watch(generation);
    }
  }

  // Answers of other conversations and tabs go on, too: without a viewer, the gateway would end them after its grace.
  const followOpen = () => follow(library.getState().open);
  const unsubscribe = library.subscribe(followOpen);
  followOpen();
  const leaveConnection = client.connection.subscribe(() => {
    if (!lostSight || client.connection.getState().phase !== 'open') return;
    lostSight = false;
    void library.refresh();
  });

  function keepAll(): void {
    for (const [generation, replies] of waiting) {
      const state = runs.get(generation)?.getState();
      if (state && state.completionTokens > 0) library.keepSoFar(replies, state);
    }
  }
  const keeper = setInterval(keepAll, keepEveryMs);
  const leaving = new AbortController();
  globalThis.addEventListener?.('pagehide', keepAll, { signal: leaving.signal });

  const branch = (): Exchange[] => {
    const { messages, current } = library.getState();
    return shownBranch(messages, current?.chosen ?? {});
  };

  function ask(before: readonly Exchange[], question: Question, options: AskOptions, isNew: boolean): string | null {
    const { settings, choices } = options;
    const content = { ...requestContent(before, question, settings.system), ...requestFields(settings) };
    const size = utf8Bytes(JSON.stringify(content));
    if (size > maxBodyBytes - envelopeBytes) {
      const remedy = before.length > 0 ? 'Start a new chat or attach less.' : 'Attach less.';
      return `This chat has ${bytes(size)}, and a request can have ${bytes(maxBodyBytes)}. ${remedy}`;
    }
    const replies = newReplies(question, { ...options, json: settings.answerSchema !== undefined }, now());
    for (const [id, ofOne] of byGeneration(replies)) {
      waiting.set(id, ofOne);
      const model = ofOne[0]?.model ?? null;
      const input: GenerateInput & { id: string } = { ...content, id };
      if (model !== null) input.model = model;
      if (choices > 1) input.choices = choices;
      runs.start(input);
    }
    const change = (conversation: Conversation | null) => afterAsking(conversation, before, question, options);
    library.add(question.conversation, change, isNew ? [question, ...replies] : replies);
    return null;
  }

  /** The conversation after a question was asked in it; null for a new one. */
  function afterAsking(
    conversation: Conversation | null,
    before: readonly Exchange[],
    question: Question,
    options: AskOptions,
  ): Conversation {
    const chosen = { ...conversation?.chosen };
    // What was shown so far stays chosen; of the question, the newest replies are shown.
    for (const { question: earlier, reply } of before) if (reply) chosen[earlier.id] = reply.id;
    chosen[question.parent ?? beginning] = question.id;
    delete chosen[question.id];
    const fresh = {
      id: question.conversation,
      title: titleOf(question),
      named: false,
      pinned: false,
      created: now(),
      settings: options.settings,
      model: options.models[0] ?? null,
    };
    return { ...fresh, ...conversation, changed: now(), deleted: null, chosen };
  }

  function newQuestion(before: readonly Exchange[], { text, documents, toolResults }: Draft): Question {
    return {
      kind: 'question',
      id: createGenerationId(),
      conversation: library.getState().current?.id ?? createGenerationId(),
      parent: before.at(-1)?.reply?.id ?? null,
      created: now(),
      text,
      documents,
      ...(toolResults && { toolResults }),
    };
  }

  /** The exchanges before a question, and the question; undefined if it is not shown. */
  function upTo(id: string): { before: Exchange[]; question: Question } | undefined {
    const shown = branch();
    const at = shown.findIndex(({ question }) => question.id === id);
    const found = shown[at];
    return found && { before: shown.slice(0, at), question: found.question };
  }

  return {
    library,
    runs,
    conversationOf: (generation) => waiting.get(generation)?.[0]?.conversation ?? null,
    send(draft, options) {
      const before = branch();
      return ask(before, newQuestion(before, draft), options, true);
    },
    resend(id, draft, options) {
      const place = upTo(id);
      return place ? ask(place.before, newQuestion(place.before, draft), options, true) : null;
    },
    answerAgain(id, options) {
      const place = upTo(id);
      return place ? ask(place.before, place.question, options, false) : null;
    },
    choose(parent, version) {
      const { current } = library.getState();
      if (!current) return;
      const place = parent ?? beginning;
      library.update(current.id, (one) => {
        const { [place]: _, ...others } = one.chosen;
        return { ...one, chosen: version === null ? others : { ...others, [place]: version } };
      });
    },
    stop({ generation, index }) {
      const several = (waiting.get(generation)?.length ?? 0) > 1;
      if (several) runs.stopChoice(generation, index);
      else runs.stop(generation);
    },
    stopAll(replies) {
      for (const { generation } of replies) runs.stop(generation);
    },
    delete(conversation) {
      for (const reply of library.getState().open) if (reply.conversation === conversation) runs.stop(reply.generation);
      library.delete(conversation);
    },
    close() {
      unsubscribe();
      leaveConnection();
      leaving.abort();
      clearInterval(keeper);
      runs.close();
    },
  };
}

function byGeneration(replies: readonly Reply[]): Map<string, Reply[]> {
  const groups = new Map<string, Reply[]>();
  for (const reply of replies) groups.set(reply.generation, [...(groups.get(reply.generation) ?? []), reply]);
  return groups;
}
