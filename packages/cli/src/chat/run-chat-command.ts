import { replaceFile } from '@headway/gateway/keys';
import { chatHelp, type ChatCommand } from './chat-command-line.ts';
import type { Conversation } from './saved/conversation.ts';

/** Runs a command of the chat. Returns the reply to print, or null to end the chat. */
export async function runChatCommand(command: ChatCommand, conversation: Conversation): Promise<string | null> {
  switch (command.kind) {
    case 'help':
      return chatHelp;
    case 'clear':
      conversation.clear();
      return 'The conversation is empty; the system prompt stays.';
    case 'system':
      conversation.system = command.argument || null;
      return conversation.system === null ? 'There is no system prompt now.' : 'The system prompt is set.';
    case 'save':
      return command.argument === '' ? 'Give the name of a file: /save talk.md' : save(command.argument, conversation);
    case 'exit':
      return null;
    case 'unknown':
      return `There is no /${command.name}; /help lists the commands, // begins a message with a slash.`;
    default:
      return command satisfies never;
  }
}

async function save(path: string, conversation: Conversation): Promise<string> {
  if (conversation.empty) return 'The conversation is empty.';
  try {
    await replaceFile(path, conversation.toFile(path));
    return `Saved to ${path}.`;
  } catch (thrown) {
    return `${path} cannot be written (${thrown instanceof Error ? thrown.message : String(thrown)}).`;
  }
}
