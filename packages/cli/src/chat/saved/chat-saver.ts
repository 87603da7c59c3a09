import type { Conversation } from './conversation.ts';
import type { ChatStore } from './chat-store.ts';
import { createChatId, type SavedChat } from './saved-chat.ts';

/** While an answer arrives it is saved this often, in ms: a killed process loses no more of it. */
const saveEveryMs = 1000;

export interface ChatSaverOptions {
  store: ChatStore;
  conversation: Conversation;
  model: string | null;
  url: string | null;
  /** The conversation that goes on; null for a new one. */
  resumed?: SavedChat | null;
  /** Is told, once, why a conversation cannot be saved. */
  onFailure: (why: string) => void;
}

interface ChatFile {
  id: string;
  startedAt: string;
  /** As this process left it. */
  revision: string | null;
}

/** Saves a conversation as it goes, so that no way out of the chat loses it. */
export class ChatSaver {
  readonly #options: ChatSaverOptions;
  /** The conversation's file; null before the first save. */
  #file: ChatFile | null = null;
  #timer: NodeJS.Timeout | null = null;
  #changed = false;
  #failed = false;
  readonly #onExit = () => this.flush();

  constructor(options: ChatSaverOptions) {
    const { store, resumed } = options;
    this.#options = options;
    if (resumed) this.#file = { id: resumed.id, startedAt: resumed.startedAt, revision: store.revision(resumed.id) };
    process.on('exit', this.#onExit);
  }

  /** The saved conversation's id; null if nothing of it was saved. */
  get id(): string | null {
    return this.#failed ? null : (this.#file?.id ?? null);
  }

  /** Saves soon: at most `saveEveryMs` later. For an answer that arrives. */
  saveSoon(): void {
    this.#changed = true;
    this.#timer ??= setTimeout(() => this.#save(false), saveEveryMs).unref();
  }

  /** Saves now. */
  save(): void {
    this.#save(true);
  }

  /** Saves what has changed since the last time. */
  flush(): void {
    if (this.#changed) this.#save(true);
  }

  /** Begins another conversation; the one before stays saved. */
  startAnother(): void {
    this.flush();
    this.#file = null;
  }

  close(): void {
    this.flush();
    process.removeListener('exit', this.#onExit);
  }

  #save(lasting: boolean): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#changed = false;
    const { store, conversation, model, url, onFailure } = this.#options;
    const { messages, system } = conversation;
    if (messages.length === 0 && this.#file === null) return;
    try {
      const now = new Date();
      const file = this.#currentFile(now);
      const { id, startedAt } = file;
      store.write({ version: 1, id, startedAt, savedAt: now.toISOString(), model, url, system, messages }, { lasting });
      file.revision = store.revision(id);
      this.#file = file;
      this.#failed = false;
    } catch (thrown) {
      // The chat itself goes on.
      if (!this.#failed) onFailure(thrown instanceof Error ? thrown.message : String(thrown));
      this.#failed = true;
    }
  }

  /** The file to write: another one if another process has written to it meanwhile, so that neither loses anything. */
  #currentFile(now: Date): ChatFile {
    const { store } = this.#options;
    if (this.#file) {
      const revision = store.revision(this.#file.id);
      if (revision === null || revision === this.#file.revision) return this.#file;
    }
    store.prune(now.getTime());
    let id: string;
    do id = createChatId(now, Math.random());
    while (store.revision(id) !== null);
    return { id, startedAt: this.#file?.startedAt ?? now.toISOString(), revision: null };
  }
}
