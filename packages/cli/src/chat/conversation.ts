import { messageText, type Message } from '@headway/protocol';

/** The messages so far, and the system prompt before them. */
export class Conversation {
  /** Null without one. */
  system: string | null;
  #turns: Message[] = [];

  constructor(system: string | null = null) {
    this.system = system;
  }

  get empty(): boolean {
    return this.#turns.length === 0;
  }

  /** The messages of a request with one more question. */
  asking(question: string): Message[] {
    return [...this.#start(), ...this.#turns, { role: 'user', content: question }];
  }

  /** Adds a question with its answer. A question whose answer was stopped before its first word is not added. */
  keep(question: string, answer: string): void {
    if (answer !== '') this.#turns.push({ role: 'user', content: question }, { role: 'assistant', content: answer });
  }

  clear(): void {
    this.#turns = [];
  }

  /** The content of a file to save: JSON messages for a name that ends in `.json`, else plain text. */
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
