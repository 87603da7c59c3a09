/** A command of the chat, typed in place of a message. */
export type ChatCommand =
  | { kind: 'help' | 'clear' | 'exit' }
  | { kind: 'system' | 'save'; argument: string }
  | { kind: 'unknown'; name: string };

/** What `/help` prints. */
export const chatHelp = `/help           this list
/clear          forget what was said
/system <text>  set the system prompt; without a text, remove it
/save <file>    write the conversation to a file (.json: as messages)
/exit           leave, as Ctrl-D does
A \\ at the end of a line goes on in the next. Ctrl-C stops an answer; again, or at an empty line, it leaves.`;

/** Reads a line as a command; null for a message. A message that begins with a slash is typed with two of them. */
export function parseChatCommand(line: string): ChatCommand | null {
  const [, name, rest] = /^\/([a-z]+)(?:\s+([\s\S]*))?$/i.exec(line.trim()) ?? [];
  if (name === undefined) return null;
  const argument = rest?.trim() ?? '';
  switch (name.toLowerCase()) {
    case 'help':
      return { kind: 'help' };
    case 'clear':
      return { kind: 'clear' };
    case 'exit':
    case 'quit':
      return { kind: 'exit' };
    case 'system':
      return { kind: 'system', argument };
    case 'save':
      return { kind: 'save', argument };
    default:
      return { kind: 'unknown', name };
  }
}
