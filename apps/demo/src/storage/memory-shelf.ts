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
    async add(newConversations, newMessages) {
      const changed = new Set<string>();
      for (const one of newConversations) {
        if (conversations.has(one.id)) continue;
        conversations.set(one.id, one);
        changed.add(one.id);
      }
      for (const one of newMessages) {
        if (messages.has(one.id)) continue;
        messages.set(one.id, one);
        changed.add(one.conversation);
      }
      return [...changed];
    },
    async update(id, change, newMessages = []) {
      const after = change(conversations.get(id) ?? null);
      if (!after) return null;
      conversations.set(id, after);
      for (const one of newMessages) messages.set(one.id, one);
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
