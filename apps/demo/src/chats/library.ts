import type { GenerationState } from '@headway/client/react';

import type { Conversation, Message, Reply } from '../storage/records.ts';
import type { Shelf } from '../storage/shelf.ts';
import { searchText } from '../conversation/search-text.ts';
import { keepSoFar, settleReply } from '../conversation/settle-reply.ts';

export interface LibraryState {
  /** False until the stored conversations are known. */
  ready: boolean;
  /** Whether conversations are kept after the browser restarts. */
  lasting: boolean;
  /** All that are not deleted: pinned ones first, then the latest first. */
  conversations: readonly Conversation[];
  /** The conversation that is shown; null for a new one. */
  current: Conversation | null;
  /** Its messages, in no order. */
  messages: readonly Message[];
  /** Deleted last, and can be restored. */
  lastDeleted: Conversation | null;
  /** Why the last change could not be stored; null if it was. */
  fault: string | null;
}

/** The conversations of this browser, as this tab shows them. Changes of other tabs arrive by themselves. */
export interface Library {
  getState: () => LibraryState;
  subscribe: (listener: () => void) => () => void;
  /** Shows a conversation; null shows a new one. An id that is not known shows a new one, too. */
  open(id: string | null): Promise<void>;
  /** Adds messages to the shown conversation, which becomes `conversation`. */
  add(conversation: Conversation, messages: readonly Message[]): void;
  update(id: string, change: (before: Conversation) => Conversation): void;
  delete(id: string): void;
  restore(id: string): void;
  /** Puts the end of a generation into its replies, whether they are shown or not. One that is not stored is only shown. */
  settle(replies: readonly Reply[], end: GenerationState, options: { stored: boolean }): void;
  /** Stores what running replies have written so far. */
  keepSoFar(replies: readonly Reply[], state: GenerationState): void;
  /** The replies of all conversations that had not ended when they were stored. */
  openReplies(): Promise<Reply[]>;
  /** The messages of a conversation, in no order. */
  messagesOf(id: string): Promise<Message[]>;
  /** The text of each conversation, for the search. */
  texts(): Promise<ReadonlyMap<string, string>>;
  /** Puts conversations and messages in, for example from a file. */
  put(conversations: readonly Conversation[], messages: readonly Message[]): Promise<void>;
  /** Stops to follow other tabs. The shelf stays open. */
  close(): void;
}

/** Deleted conversations can be restored for as long as this at least, in ms. */
const keepDeletedMs = 10 * 60_000;

/** What a tab tells the others. */
type News = { changed: string };

/**
 * @param channel tells other tabs of changes, and this one of theirs
 * @param now the time, in ms since 1970
 */
export function createLibrary(
  shelf: Shelf,
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>,
  now: () => number = Date.now,
): Library {
  const listeners = new Set<() => void>();
  const all = new Map<string, Conversation>();
  let state: LibraryState = {
    ready: false,
    lasting: shelf.lasting,
    conversations: [],
    current: null,
    messages: [],
    lastDeleted: null,
    fault: null,
  };
  let shown: string | null = null;
  let closed = false;

  function change(part: Partial<LibraryState>): void {
    if (closed) return;
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  }

  /** The parts of the state that follow from `all` and `shown`. */
  function derived(): Pick<LibraryState, 'conversations' | 'current' | 'lastDeleted'> {
    const current = shown === null ? undefined : all.get(shown);
    const deleted = [...all.values()].filter((one) => one.deleted !== null);
    return {
      conversations: [...all.values()].filter((one) => one.deleted === null).sort(byPlace),
      current: current && current.deleted === null ? current : null,
      lastDeleted: deleted.sort((one, other) => (other.deleted ?? 0) - (one.deleted ?? 0))[0] ?? null,
    };
  }

  /** Stores a change and tells the other tabs. The page shows it at once, also when it cannot be stored. */
  function store(conversation: string, work: () => Promise<unknown>): void {
    work().then(
      () => {
        if (state.fault !== null) change({ fault: null });
        if (!closed) channel.postMessage({ changed: conversation } satisfies News);
      },
      (cause: unknown) => change({ fault: faultOf(cause) }),
    );
  }

  function withMessages(messages: readonly Message[]): readonly Message[] {
    const byId = new Map(state.messages.map((one) => [one.id, one]));
    for (const one of messages) if (one.conversation === shown) byId.set(one.id, one);
    return [...byId.values()];
  }

  async function readConversations(): Promise<void> {
    const stored = await shelf.conversations();
    all.clear();
    for (const one of stored) all.set(one.id, one);
  }

  async function follow(changed: string): Promise<void> {
    await readConversations();
    if (changed !== shown) return change(derived());
    const messages = await shelf.messages(changed);
    if (changed === shown) change({ ...derived(), messages });
  }

  /** Stores the text that the search looks through. */
  async function refreshText(id: string): Promise<void> {
    await shelf.putText(id, searchText(await shelf.messages(id)));
  }

  channel.addEventListener('message', (event: MessageEvent<News>) => {
    // A tab that cannot read keeps what it shows; its next change reports the fault.
    follow(event.data.changed).catch((cause: unknown) => change({ fault: faultOf(cause) }));
  });

  function setDeleted(id: string, deleted: number | null): void {
    const before = all.get(id);
    if (!before) return;
    all.set(id, { ...before, deleted });
    change(derived());
    store(id, () => shelf.update(id, (stored) => ({ ...stored, deleted })));
  }

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async open(id) {
      shown = id;
      try {
        if (!state.ready) {
          await readConversations();
          const outdated = [...all.values()].filter(
            ({ deleted }) => deleted !== null && deleted < now() - keepDeletedMs,
          );
          for (const { id: gone } of outdated) all.delete(gone);
          if (outdated.length > 0) await shelf.remove(outdated.map((one) => one.id));
        }
        const messages = id !== null && all.has(id) ? await shelf.messages(id) : [];
        // The user may have opened another one meanwhile.
        if (shown === id) change({ ...derived(), messages, ready: true });
      } catch (cause) {
        if (shown === id) change({ ...derived(), messages: [], ready: true, fault: faultOf(cause) });
      }
    },
    add(conversation, messages) {
      shown = conversation.id;
      all.set(conversation.id, conversation);
      change({ ...derived(), messages: withMessages(messages) });
      store(conversation.id, async () => {
        await shelf.put([conversation], messages);
        await refreshText(conversation.id);
      });
    },
    update(id, update) {
      const before = all.get(id);
      if (!before) return;
      all.set(id, update(before));
      change(derived());
      store(id, () => shelf.update(id, update));
    },
    delete: (id) => setDeleted(id, now()),
    restore: (id) => setDeleted(id, null),
    settle(replies, end, { stored }) {
      const [first] = replies;
      if (!first) return;
      change({ messages: withMessages(replies.map((reply) => settleReply(reply, end))) });
      if (!stored) return;
      store(first.conversation, async () => {
        await shelf.changeMessages(
          idsOf(replies),
          onReply((reply) => settleReply(reply, end)),
        );
        await refreshText(first.conversation);
      });
    },
    keepSoFar(replies, state) {
      // Other tabs see the same answer at the gateway, so they need no news of this.
      shelf
        .changeMessages(
          idsOf(replies),
          onReply((reply) => keepSoFar(reply, state)),
        )
        .catch((cause: unknown) => change({ fault: faultOf(cause) }));
    },
    openReplies: () => shelf.openReplies(),
    messagesOf: (id) => shelf.messages(id),
    async texts() {
      return new Map((await shelf.texts()).map(({ id, text }) => [id, text]));
    },
    async put(conversations, messages) {
      await shelf.put(conversations, messages);
      for (const { id } of conversations) await refreshText(id);
      await follow(shown ?? '');
      for (const { id } of conversations) channel.postMessage({ changed: id } satisfies News);
    },
    close() {
      closed = true;
      listeners.clear();
      channel.close();
    },
  };
}

function idsOf(replies: readonly Reply[]): string[] {
  return replies.map(({ id }) => id);
}

function onReply(change: (reply: Reply) => Reply): (message: Message) => Message {
  return (message) => (message.kind === 'reply' ? change(message) : message);
}

function byPlace(one: Conversation, other: Conversation): number {
  return Number(other.pinned) - Number(one.pinned) || other.changed - one.changed;
}

function faultOf(cause: unknown): string {
  const full = cause instanceof DOMException && cause.name === 'QuotaExceededError';
  return full
    ? 'The browser’s storage is full, so this chat is not kept. Delete chats, or export and delete them.'
    : 'The browser could not store this chat, so it is not kept after the page is closed.';
}
