import type { Conversation, Message } from './records.ts';

/** The format of an exported file. */
export const fileFormat = 1;

/** All of the conversations as a file that another browser can import. */
export function exportJson(conversations: readonly Conversation[], messages: readonly Message[]): string {
  return JSON.stringify({ headwayConversations: fileFormat, conversations, messages }, null, 1);
}
