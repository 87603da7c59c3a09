import type { Draft } from '../composer/draft.ts';
import type { Preset } from '../settings/presets.ts';
import type { Settings } from '../settings/settings.ts';
import type { Conversation, Message, Reply } from './records.ts';
import type { Shelf } from './shelf.ts';

/** Keeps conversations until the page is closed, where the browser forbids to store them. */
export function createMemoryShelf(): Shelf {
  const conversations = new Map<string, Conversation>();
  const messages = new Map<string, Message>();
  const drafts = new Map<string, Draft>();
  const texts = new Map<string, string>();
  const presets = new Map<string, Preset>();
  const modelSettings = new Map<string, Settings>();
  const messagesOf = (id: string) => [...messages.values()].filter(({ conversation }) => conversation === id);

  return {
    lasting: false,
    conversations: async () => [...conversations.values()],
    messages: async (conversation) => messagesOf(conversation),
    openReplies: async () =>
      [...messages.values()].filter((one): one is Reply => one.kind === 'reply' && one.result === null),
    async put(newConversations, newMessages) {
      for (const one of newConversations) conversations.set(one.id, one);
      for (const one of newMessages) messages.set(one.id, one);
    },
    async update(id, change) {
      const before = conversations.get(id);
      if (!before) return null;
      const after = change(before);
      conversations.set(id, after);
      return after;
    },
    async changeMessages(ids, change) {
      const changed = ids.flatMap((id) => messages.get(id) ?? []).map(change);
      for (const one of changed) messages.set(one.id, one);
      return changed;
    },
    async remove(ids) {
      for (const id of ids) {
        for (const message of messagesOf(id)) messages.delete(message.id);
        conversations.delete(id);
        drafts.delete(id);
        texts.delete(id);
      }
    },
    draft: async (conversation) => drafts.get(conversation) ?? null,
    async putDraft(conversation, draft) {
      if (draft) drafts.set(conversation, draft);
      else drafts.delete(conversation);
    },
    texts: async () => [...texts].map(([id, text]) => ({ id, text })),
    async putText(id, text) {
      texts.set(id, text);
    },
    presets: async () => [...presets.values()],
    async putPreset(preset) {
      presets.set(preset.id, preset);
    },
    async removePreset(id) {
      presets.delete(id);
    },
    modelSettings: async () => [...modelSettings].map(([model, settings]) => ({ model, settings })),
    async putModelSettings(model, settings) {
      if (settings) modelSettings.set(model, settings);
      else modelSettings.delete(model);
    },
    close: () => undefined,
  };
}
