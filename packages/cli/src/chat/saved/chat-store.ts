import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { HeadwayError } from '@headway/protocol';

import { isChatId, parseSavedChat, type SavedChat } from './saved-chat.ts';

/** The oldest conversations beyond so many are removed. */
const mostChats = 200;
/** A larger file is no conversation that a model could have read. */
const mostBytes = 64 * 1024 * 1024;
/** A draft this old belongs to a process that was killed while it wrote, in ms. */
const oldDraftMs = 3_600_000;

/** A file of the folder, with its conversation; null where it cannot be read as one. */
export interface StoredChat {
  id: string;
  chat: SavedChat | null;
}

/**
 * The saved conversations of a user, a file each. It writes at once and not in the background, so that a conversation can
 * be saved while the process exits.
 */
export class ChatStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Lists the conversations, the one that was saved last first. */
  list(): StoredChat[] {
    return this.#files().map(({ id }) => ({ id, chat: this.#read(id) }));
  }

  /** Opens the conversation that was saved last, of those that can be read. @throws HeadwayError without one */
  last(): SavedChat {
    for (const { id } of this.#files()) {
      const chat = this.#read(id);
      if (chat) return chat;
    }
    throw new HeadwayError('invalid-request', `--continue: there is no saved conversation in ${this.folder}`);
  }

  /** Opens a conversation. @throws HeadwayError that says what is wrong with it */
  open(id: string): SavedChat {
    const wrong = (why: string) => new HeadwayError('invalid-request', `--resume: ${why}`);
    const remedy = 'headway chat --resume lists them';
    if (!isChatId(id) || !this.#files().some((file) => file.id === id)) {
      throw wrong(`there is no saved conversation "${id}"; ${remedy}`);
    }
    const chat = this.#read(id);
    if (chat) return chat;
    throw wrong(
      `the file of the conversation cannot be read as one (${this.path(id)}); remove it, or choose another: ${remedy}`,
    );
  }

  /**
   * Writes a conversation's file, whole or not at all.
   *
   * @param lasting whether it has to outlast a loss of power, too; this takes longer
   * @throws the system's error; the old file then is unchanged
   */
  write(chat: SavedChat, { lasting }: { lasting: boolean }): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const draft = join(this.folder, `.${chat.id}.${process.pid}.draft`);
    try {
      const file = openSync(draft, 'w', 0o600);
      try {
        writeFileSync(file, `${JSON.stringify(chat, null, 1)}\n`);
        if (lasting) fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, this.path(chat.id));
    } catch (thrown) {
      rmSync(draft, { force: true });
      throw thrown;
    }
  }

  /** Names the state of a conversation's file, which changes when any process writes it; null if there is none. */
  revision(id: string): string | null {
    const stats = statSync(this.path(id), { throwIfNoEntry: false, bigint: true });
    return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.size}` : null;
  }

  /** Removes the oldest conversations beyond the most, and what killed processes left. */
  prune(now: number): void {
    for (const { id } of this.#files().slice(mostChats)) rmSync(this.path(id), { force: true });
    for (const name of this.#names()) {
      const path = join(this.folder, name);
      const changed = name.endsWith('.draft') ? statSync(path, { throwIfNoEntry: false })?.mtimeMs : undefined;
      if (changed !== undefined && now - changed > oldDraftMs) rmSync(path, { force: true });
    }
  }

  path(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  #read(id: string): SavedChat | null {
    try {
      if (statSync(this.path(id)).size > mostBytes) return null;
      const chat = parseSavedChat(readFileSync(this.path(id), 'utf8'));
      return chat?.id === id ? chat : null;
    } catch {
      return null;
    }
  }

  /** The files of conversations, the newest first. */
  #files(): { id: string; changed: number }[] {
    return this.#names()
      .flatMap((name) => {
        const id = name.replace(/\.json$/, '');
        if (id === name || !isChatId(id)) return [];
        const stats = statSync(this.path(id), { throwIfNoEntry: false });
        return stats?.isFile() ? [{ id, changed: stats.mtimeMs }] : [];
      })
      .toSorted((a, b) => b.changed - a.changed || b.id.localeCompare(a.id));
  }

  #names(): string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      return [];
    }
  }
}
