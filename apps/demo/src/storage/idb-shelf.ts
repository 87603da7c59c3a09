import { openDB, type DBSchema } from 'idb';

import type { Draft } from '../composer/draft.ts';
import type { Preset } from '../settings/presets.ts';
import type { ModelSettings } from '../settings/settings-shelf.ts';
import type { Conversation, Message } from './records.ts';
import type { Shelf } from './shelf.ts';

/** An index has only records with its property, and null is no key: `open` marks replies without a result. */
type StoredMessage = Message & { open?: 1 };

interface Schema extends DBSchema {
  conversations: { key: string; value: Conversation };
  messages: { key: string; value: StoredMessage; indexes: { conversation: string; open: number } };
  drafts: { key: string; value: Draft };
  texts: { key: string; value: { id: string; text: string } };
  presets: { key: string; value: Preset };
  modelSettings: { key: string; value: ModelSettings };
}

/** Opens the browser's own database. Rejects where the browser forbids it. */
export async function openIdbShelf(name = 'headway'): Promise<Shelf> {
  const database = await openDB<Schema>(name, 2, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore('conversations', { keyPath: 'id' });
        const messages = db.createObjectStore('messages', { keyPath: 'id' });
        messages.createIndex('conversation', 'conversation');
        messages.createIndex('open', 'open');
        db.createObjectStore('drafts');
        db.createObjectStore('texts', { keyPath: 'id' });
      }
      if (before < 2) {
        db.createObjectStore('presets', { keyPath: 'id' });
        db.createObjectStore('modelSettings', { keyPath: 'model' });
      }
    },
    // A newer version of the page waits for this one to let go.
    blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
  });

  return {
    lasting: true,
    conversations: () => database.getAll('conversations'),
    async messages(conversation) {
      return (await database.getAllFromIndex('messages', 'conversation', conversation)).map(bare);
    },
    async openReplies() {
      return (await database.getAllFromIndex('messages', 'open')).map(bare).filter((one) => one.kind === 'reply');
    },
    async add(conversations, messages) {
      const transaction = database.transaction(['conversations', 'messages'], 'readwrite');
      const stored = transaction.objectStore('conversations');
      const storedMessages = transaction.objectStore('messages');
      const [known, knownMessages] = await Promise.all([stored.getAllKeys(), storedMessages.getAllKeys()]);
      const newOnes = without(conversations, known);
      const newMessages = without(messages, knownMessages);
      await Promise.all([
        ...newOnes.map((one) => stored.add(one)),
        ...newMessages.map((one) => storedMessages.add(marked(one))),
        transaction.done,
      ]);
      return [...new Set([...newOnes.map(({ id }) => id), ...newMessages.map((one) => one.conversation)])];
    },
    async update(conversation, change, messages = []) {
      const transaction = database.transaction(['conversations', 'messages'], 'readwrite');
      const conversations = transaction.objectStore('conversations');
      const after = change((await conversations.get(conversation)) ?? null);
      const puts = after
        ? [conversations.put(after), ...messages.map((one) => transaction.objectStore('messages').put(marked(one)))]
        : [];
      await Promise.all([...puts, transaction.done]);
      return after;
    },
    async changeMessages(ids, change) {
      const transaction = database.transaction('messages', 'readwrite');
      const stored = await Promise.all(ids.map((id) => transaction.store.get(id)));
      const changed = stored.filter((one) => one !== undefined).map((one) => change(bare(one)));
      await Promise.all([...changed.map((one) => transaction.store.put(marked(one))), transaction.done]);
      return changed;
    },
    async remove(conversations) {
      const transaction = database.transaction(['conversations', 'messages', 'drafts', 'texts'], 'readwrite');
      const messages = transaction.objectStore('messages');
      for (const id of conversations) {
        const keys = await messages.index('conversation').getAllKeys(id);
        await Promise.all([
          ...keys.map((key) => messages.delete(key)),
          transaction.objectStore('conversations').delete(id),
          transaction.objectStore('drafts').delete(id),
          transaction.objectStore('texts').delete(id),
        ]);
      }
      await transaction.done;
    },
    async draft(conversation) {
      return (await database.get('drafts', conversation)) ?? null;
    },
    async putDraft(conversation, draft) {
      if (draft) await database.put('drafts', draft, conversation);
      else await database.delete('drafts', conversation);
    },
    texts: () => database.getAll('texts'),
    async putText(id, text) {
      await database.put('texts', { id, text });
    },
    presets: () => database.getAll('presets'),
    async putPreset(preset) {
      await database.put('presets', preset);
    },
    async removePreset(id) {
      await database.delete('presets', id);
    },
    modelSettings: () => database.getAll('modelSettings'),
    async putModelSettings(model, settings) {
      if (settings) await database.put('modelSettings', { model, settings });
      else await database.delete('modelSettings', model);
    },
    close: () => database.close(),
  };
}

function marked(message: Message): StoredMessage {
  return message.kind === 'reply' && message.result === null ? { ...message, open: 1 } : message;
}

function bare(stored: StoredMessage): Message {
  const { open: _, ...message } = stored;
  return message;
}

/** The records whose ids are not known, each id once. */
function without<T extends { id: string }>(records: readonly T[], known: readonly string[]): T[] {
  const ids = new Set(known);
  return records.filter(({ id }) => !ids.has(id) && ids.add(id));
}
