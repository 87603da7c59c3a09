import type { Conversation, Message } from '../storage/records.ts';

/** Records that the browser could not store, as when its storage is full. They last until the page is closed. */
export interface Unstored {
  readonly size: number;
  note(conversation: Conversation | undefined, messages: readonly Message[]): void;
  /** The messages of a conversation that are not stored. */
  of(conversation: string): Message[];
  /** Forgets a conversation and its messages, which are stored now. */
  forget(conversation: string): void;
  /** The records as stored, with those that are not in their place or after them. */
  conversationsOver(stored: readonly Conversation[]): Map<string, Conversation>;
  messagesOver(conversation: string, stored: readonly Message[]): Message[];
}

export function createUnstored(): Unstored {
  const conversations = new Map<string, Conversation>();
  const messages = new Map<string, Message>();
  const of = (id: string) => [...messages.values()].filter(({ conversation }) => conversation === id);
  return {
    get size() {
      return conversations.size + messages.size;
    },
    note(conversation, noted) {
      if (conversation) conversations.set(conversation.id, conversation);
      for (const one of noted) messages.set(one.id, one);
    },
    of,
    forget(id) {
      conversations.delete(id);
      for (const one of of(id)) messages.delete(one.id);
    },
    conversationsOver: (stored) => new Map([...stored.map((one) => [one.id, one] as const), ...conversations]),
    messagesOver: (id, stored) => [...new Map([...stored, ...of(id)].map((one) => [one.id, one])).values()],
  };
}
