import type { Draft } from '../composer/draft.ts';
import type { SettingsShelf } from '../settings/settings-shelf.ts';
import type { Conversation, Message, Reply } from './records.ts';

/** Where conversations and settings are kept. Each call is atomic, so that two tabs can write at once. */
export interface Shelf extends SettingsShelf {
  /** Whether what is put here is still here after the browser restarts. */
  readonly lasting: boolean;
  /** All conversations, the deleted ones too. */
  conversations(): Promise<Conversation[]>;
  /** The messages of a conversation, in no order. */
  messages(conversation: string): Promise<Message[]>;
  /** The replies of all conversations that had not ended when they were stored. */
  openReplies(): Promise<Reply[]>;
  /**
   * Stores records whose ids are not there yet; the others stay as they are. Resolves with the conversations that have new
   * records.
   */
  add(conversations: readonly Conversation[], messages: readonly Message[]): Promise<string[]>;
  /**
   * Changes the conversation as it is now, null if it does not exist, and stores messages over those with the same ids.
   * Nothing is stored if `change` returns null. Resolves with the conversation.
   */
  update(
    conversation: string,
    change: (before: Conversation | null) => Conversation | null,
    messages?: readonly Message[],
  ): Promise<Conversation | null>;
  /** Changes messages as they are now; those that no longer exist are left out. Resolves with the changed ones. */
  changeMessages(ids: readonly string[], change: (before: Message) => Message): Promise<Message[]>;
  /** Removes conversations for good, with their messages and drafts. */
  remove(conversations: readonly string[]): Promise<void>;
  /** The unsent message of a conversation; null if there is none. */
  draft(conversation: string): Promise<Draft | null>;
  putDraft(conversation: string, draft: Draft | null): Promise<void>;
  /** The text of each conversation, for the search. */
  texts(): Promise<{ id: string; text: string }[]>;
  putText(conversation: string, text: string): Promise<void>;
  close(): void;
}
