/** A conversation as its file has it. */
export interface SavedChat {
  version: 1;
  /** The name of its file, without `.json`. */
  id: string;
  /** ISO times. */
  startedAt: string;
  savedAt: string;
  /** What it was given on the command line: a model, or null for the default. */
  model: string | null;
  /** The gateway that answered, or null. */
  url: string | null;
  system: string | null;
  /** Questions and answers in turns. The last question may have no answer, and the last answer may be a part of it. */
  messages: SavedMessage[];
}

export interface SavedMessage {
  role: 'user' | 'assistant';
  content: string;
}

/** Reads a file's text as a conversation; null if it is none, for example because it was cut off. */
export function parseSavedChat(text: string): SavedChat | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const chat = value as Record<keyof SavedChat, unknown>;
  const named = chat.version === 1 && typeof chat.id === 'string' && isChatId(chat.id);
  const timed = isTime(chat.startedAt) && isTime(chat.savedAt);
  const texts = [chat.model, chat.url, chat.system].every((one) => one === null || typeof one === 'string');
  if (!named || !timed || !texts || !Array.isArray(chat.messages) || !chat.messages.every(isMessage)) return null;
  return value as SavedChat;
}

/** Whether a text may be the name of a conversation's file; a path is none. */
export function isChatId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

/** `2026-11-30-a3f9`: the day, and 16 random bits. */
export function createChatId(now: Date, random: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}-${Math.floor(random * 0x10000)
    .toString(16)
    .padStart(4, '0')}`;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

/** Whether a message is one, in its place: questions and answers take turns. */
function isMessage(value: unknown, at: number): boolean {
  if (typeof value !== 'object' || value === null || !('role' in value) || !('content' in value)) return false;
  return value.role === (at % 2 === 0 ? 'user' : 'assistant') && typeof value.content === 'string';
}
