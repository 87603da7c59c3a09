import type { GenerationState } from '@headway/client/react';

import type { Conversation, Message, Reply } from '../storage/records.ts';
import type { Shelf } from '../storage/shelf.ts';
import { searchText } from '../conversation/search-text.ts';
import { keepSoFar, settleReply } from '../conversation/settle-reply.ts';
import { createUnstored } from './unstored.ts';

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
  /** The replies of all conversations that have not ended, as far as this tab knows. */
  open: readonly Reply[];
  /** Those that were deleted and can be restored, the latest first. */
  deleted: readonly Conversation[];
  /** Why the last change could not be stored; null if it was. */
  fault: string | null;
}

/** The conversations of this browser, as this tab shows them. Changes of other tabs arrive by themselves. */
export interface Library {
  getState: () => LibraryState;
  subscribe: (listener: () => void) => () => void;
  /** Shows a conversation; null shows a new one. An id that is not known shows a new one, too. */
  open(id: string | null): Promise<void>;
  /** Reads all again. */
  refresh(): Promise<void>;
  /** Adds messages to a conversation, which is then shown. `change` makes it if there is none. */
  add(id: string, change: (before: Conversation | null) => Conversation, messages: readonly Message[]): void;
  update(id: string, change: (before: Conversation) => Conversation): void;
  delete(id: string): void;
  restore(id: string): void;
  /** Puts the end of a generation into its replies, whether they are shown or not. One that is not stored is only shown. */
  settle(replies: readonly Reply[], end: GenerationState, options: { stored: boolean }): void;
  /** Stores what running replies have written so far. */
  keepSoFar(replies: readonly Reply[], state: GenerationState): void;
  /** The messages of a conversation, in no order. */
  messagesOf(id: string): Promise<Message[]>;
  /** The text of each conversation, for the search. */
  texts(): Promise<ReadonlyMap<string, string>>;
  /**
   * Puts conversations and messages in that are not there yet, for example from a file. Those that are there stay as they
   * are, and deleted ones are restored. Resolves with the number of conversations that this brought.
   */
  put(conversations: readonly Conversation[], messages: readonly Message[]): Promise<number>;
  /** Stops to follow other tabs. The shelf stays open. */
  close(): void;
}

/** Deleted conversations can be restored for as long as this at least, in ms. */
const keepDeletedMs = 10 * 60_000;

/** What a tab tells the others: something is stored that they should read. */
type News = 'changed';

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
  const unstored = createUnstored();
  let all = new Map<string, Conversation>();
  let state: LibraryState = {
    ready: false,
    lasting: shelf.lasting,
    conversations: [],
    current: null,
    messages: [],
    open: [],
    deleted: [],
    fault: null,
  };
  /** The conversation whose messages the state has. */
  let shown: string | null = null;
  /** The conversation to show as soon as it is read. */
  let wanted: string | null = null;
  /** How often something has changed that a read must not miss. */
  let changes = 0;
  let reading: Promise<void> | null = null;
  let closed = false;

  function change(part: Partial<LibraryState>): void {
    if (closed) return;
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  }

  /** The parts of the state that follow from `all` and `shown`. */
  function derived(): Pick<LibraryState, 'conversations' | 'current' | 'deleted'> {
    const known = [...all.values()];
    return {
      conversations: known.filter(({ deleted }) => deleted === null).sort(byPlace),
      current: shown === null ? null : (all.get(shown) ?? null),
      deleted: known
        .filter(({ deleted }) => deleted !== null)
        .sort((one, other) => (other.deleted ?? 0) - (one.deleted ?? 0)),
    };
  }

  const isLive = (id: string | null): id is string => id !== null && all.get(id)?.deleted === null;

  function withMessages(messages: readonly Message[]): readonly Message[] {
    const byId = new Map(state.messages.map((one) => [one.id, one]));
    for (const one of messages) if (one.conversation === shown) byId.set(one.id, one);
    return [...byId.values()];
  }

  function tellOthers(): void {
    if (!closed) channel.postMessage('changed' satisfies News);
  }

  /**
   * Stores a change of this tab, which the page shows already, and tells the other tabs. What cannot be stored is shown until
   * the page is closed.
   */
  function store(work: () => Promise<unknown>, onFailure?: () => void): void {
    changes += 1;
    work().then(
      () => {
        if (state.fault !== null && unstored.size === 0) change({ fault: null });
        tellOthers();
      },
      (cause: unknown) => {
        onFailure?.();
        change({ fault: faultOf(cause) });
      },
    );
  }

  async function readAll(): Promise<void> {
    for (;;) {
      const at = changes;
      const id = wanted;
      const [conversations, open, messages] = await Promise.all([
        shelf.conversations(),
        shelf.openReplies(),
        id === null ? [] : shelf.messages(id),
      ]);
      // What changed meanwhile is in the next read: writes of this tab come before it.
      if (at !== changes) continue;
      all = unstored.conversationsOver(conversations);
      if (!state.ready) forgetOutdated();
      shown = isLive(id) ? id : null;
      wanted = shown;
      const kept = new Set(
        open.map((one) => one.conversation).flatMap((one) => unstored.of(one).map((each) => each.id)),
      );
      return change({
        ...derived(),
        messages: shown === null ? [] : unstored.messagesOver(shown, messages),
        open: open.filter((one) => !kept.has(one.id)),
        ready: true,
      });
    }
  }

  function refresh(): Promise<void> {
    changes += 1;
    reading ??= readAll()
      .catch((cause: unknown) => {
        wanted = shown;
        change({ ready: true, fault: unreadable(cause) });
      })
      .finally(() => {
        reading = null;
      });
    return reading;
  }

  function forgetOutdated(): void {
    const outdated = [...all.values()].filter(({ deleted }) => deleted !== null && deleted < now() - keepDeletedMs);
    if (outdated.length === 0) return;
    for (const { id } of outdated) all.delete(id);
    shelf.remove(outdated.map(({ id }) => id)).then(tellOthers, () => undefined);
  }

  /** Stores the text that the search looks through. */
  async function refreshText(id: string): Promise<void> {
    await shelf.putText(id, searchText(await shelf.messages(id)));
  }

  // A tab that cannot read keeps what it shows, and reports the fault.
  channel.addEventListener('message', () => void refresh());

  function update(id: string, updated: (before: Conversation) => Conversation): void {
    const before = all.get(id);
    if (!before) return;
    const after = updated(before);
    all.set(id, after);
    if (shown === id && !isLive(id)) leave();
    change(derived());
    store(
      async () => {
        const stored = await shelf.update(id, (one) => one && updated(one));
        if (stored) return;
        // It was never stored, or another tab has removed it for good.
        if (unstored.conversationsOver([]).has(id)) unstored.note(after, []);
        else await refresh();
      },
      () => unstored.note(after, []),
    );
  }

  /** Shows a new conversation instead. */
  function leave(): void {
    shown = null;
    wanted = null;
    state = { ...state, messages: [] };
  }

  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open(id) {
      wanted = id;
      return refresh();
    },
    refresh,
    add(id, changed, messages) {
      const before = all.get(id) ?? null;
      const conversation = changed(before);
      all.set(id, conversation);
      if (shown !== id) state = { ...state, messages: [] };
      shown = id;
      wanted = id;
      change({ ...derived(), messages: withMessages(messages), open: [...state.open, ...messages.filter(isOpen)] });
      const due = [...unstored.of(id), ...messages];
      store(
        async () => {
          await shelf.update(id, (stored) => changed(stored ?? before), due);
          unstored.forget(id);
          await refreshText(id);
        },
        () => unstored.note(conversation, messages),
      );
    },
    update,
    delete: (id) => update(id, (one) => ({ ...one, deleted: now() })),
    restore: (id) => update(id, (one) => ({ ...one, deleted: null })),
    settle(replies, end, { stored }) {
      const ids = new Set(replies.map(({ id }) => id));
      const known = new Map(state.messages.map((one) => [one.id, one]));
      const settled = replies.map((reply) => {
        const latest = known.get(reply.id);
        return settleReply(latest?.kind === 'reply' ? latest : reply, end);
      });
      change({ messages: withMessages(settled), open: state.open.filter(({ id }) => !ids.has(id)) });
      if (!stored) return;
      store(
        async () => {
          const changed = await shelf.changeMessages(
            [...ids],
            onReply((reply) => settleReply(reply, end)),
          );
          // Another tab may have stored the end first: both show what is stored.
          change({ messages: withMessages(changed) });
          const missing = settled.filter(({ id }) => !changed.some((one) => one.id === id));
          if (unstored.size > 0) unstored.note(undefined, missing);
          for (const id of new Set(changed.map(({ conversation }) => conversation))) await refreshText(id);
        },
        () => unstored.note(undefined, settled),
      );
    },
    keepSoFar(replies, state) {
      // Other tabs see the same answer at the gateway, so they need no news of this.
      shelf
        .changeMessages(
          replies.map(({ id }) => id),
          onReply((reply) => keepSoFar(reply, state)),
        )
        .catch((cause: unknown) => change({ fault: faultOf(cause) }));
    },
    messagesOf: async (id) => unstored.messagesOver(id, await shelf.messages(id)),
    async texts() {
      return new Map((await shelf.texts()).map(({ id, text }) => [id, text]));
    },
    async put(conversations, messages) {
      const added = new Set(await shelf.add(conversations, messages));
      const restored = conversations.filter(({ id }) => (all.get(id)?.deleted ?? null) !== null);
      for (const { id } of restored) await shelf.update(id, (one) => one && { ...one, deleted: null });
      for (const id of added) await refreshText(id);
      await refresh();
      tellOthers();
      return new Set([...added, ...restored.map(({ id }) => id)]).size;
    },
    close() {
      closed = true;
      listeners.clear();
      channel.close();
    },
  };
}

function isOpen(message: Message): message is Reply {
  return message.kind === 'reply' && message.result === null;
}

function onReply(change: (reply: Reply) => Reply): (message: Message) => Message {
  return (message) => (message.kind === 'reply' ? change(message) : message);
}

function byPlace(one: Conversation, other: Conversation): number {
  return Number(other.pinned) - Number(one.pinned) || other.changed - one.changed;
}

function unreadable(cause: unknown): string {
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  return `The browser’s storage could not be read${why}. Reload the page and try again.`;
}

function faultOf(cause: unknown): string {
  const full = cause instanceof DOMException && cause.name === 'QuotaExceededError';
  return full
    ? 'The browser’s storage is full, so this chat is not kept after the page is closed. Export all, then delete chats: what is deleted makes room ten minutes later, when the page is opened again.'
    : 'The browser could not store this chat, so it is not kept after the page is closed.';
}
