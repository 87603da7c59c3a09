import { messageText, type Message } from '@headway/protocol';

/** What was said so far, and the system prompt before it. */
export class Conversation {
  /** Null is none. */
  system: string | null;
  #turns: Message[] = [];

  constructor(system: string | null = null) {
    this.system = system;
  }

  get empty(): boolean {
    return this.#turns.length === 0;
  }

  /** The request's messages for one more question. */
  asking(question: string): Message[] {
    return [...this.#start(), ...this.#turns, { role: 'user', content: question }];
  }

  /** Keeps a question with its answer; one that was stopped before its first word leaves nothing behind. */
  keep(question: string, answer: string): void {
    if (answer !== '') this.#turns.push({ role: 'user', content: question }, { role: 'assistant', content: answer });
  }

  clear(): void {
    this.#turns = [];
  }

  /** As a file: messages when its name ends in `.json`, else a text to read. */
  toFile(path: string): string {
    const messages = [...this.#start(), ...this.#turns];
    if (/\.json$/i.test(path)) return `${JSON.stringify(messages, null, 2)}\n`;
    const names = { system: 'System', user: 'You', assistant: 'Model', tool: 'Tool' } as const;
    return messages.map(({ role, content }) => `## ${names[role]}\n\n${messageText(content).trim()}\n`).join('\n');
  }

  #start(): Message[] {
    return this.system === null ? [] : [{ role: 'system', content: this.system }];
  }
}
