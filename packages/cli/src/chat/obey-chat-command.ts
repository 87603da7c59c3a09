import { replaceFile } from '@headway/gateway/keys';
import { chatHelp, type ChatCommand } from './chat-command-line.ts';
import type { Conversation } from './conversation.ts';

/** Does what a command says; what it returns is told to the user, null ends the chat. */
export async function obeyChatCommand(command: ChatCommand, conversation: Conversation): Promise<string | null> {
  switch (command.kind) {
    case 'help':
      return chatHelp;
    case 'clear':
      conversation.clear();
      return 'Forgotten; the system prompt stays.';
    case 'system':
      conversation.system = command.argument || null;
      return conversation.system === null ? 'There is no system prompt now.' : 'The system prompt is set.';
    case 'save':
      return command.argument === '' ? 'Give the name of a file: /save talk.md' : save(command.argument, conversation);
    case 'exit':
      return null;
    case 'unknown':
      return `There is no /${command.name}; /help lists what there is, // begins a message with a slash.`;
    default:
      return command satisfies never;
  }
}

async function save(path: string, conversation: Conversation): Promise<string> {
  if (conversation.empty) return 'Nothing was said yet.';
  try {
    await replaceFile(path, conversation.toFile(path));
    return `Saved to ${path}.`;
  } catch (thrown) {
    return `${path} cannot be written (${thrown instanceof Error ? thrown.message : String(thrown)}).`;
  }
}
