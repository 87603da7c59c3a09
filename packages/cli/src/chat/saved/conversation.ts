import { messageText, type Message } from '@headway/protocol';

import type { SavedMessage } from './saved-chat.ts';

/** The messages so far, and the system prompt before them. */
export class Conversation {
  /** Null without one. */
  system: string | null;
  /** Questions with their answers. */
  #turns: SavedMessage[] = [];
  /** The last question while it has no answer, or while its answer arrives. */
  #open: { question: string; answer: string } | null = null;

  constructor(system: string | null = null, messages: readonly SavedMessage[] = []) {
    this.system = system;
    const answered = messages.length - (messages.length % 2);
    this.#turns = messages.slice(0, answered);
    const [unanswered] = messages.slice(answered);
    if (unanswered) this.#open = { question: unanswered.content, answer: '' };
  }

  get empty(): boolean {
    return this.#turns.length === 0;
  }

  /** All there is: the last question may have no answer, and the last answer may be a part of it. */
  get messages(): SavedMessage[] {
    if (!this.#open) return [...this.#turns];
    const { question, answer } = this.#open;
    return [...this.#turns, ...turn(question, answer).slice(0, answer === '' ? 1 : 2)];
  }

  get questions(): string[] {
    return this.messages.flatMap(({ role, content }) => (role === 'user' ? [content] : []));
  }

  /** The last question, if it has no answer. The next question takes its place. */
  get unanswered(): string | null {
    return this.#open?.answer === '' ? this.#open.question : null;
  }

  /** Asks a question; returns the messages of the request. */
  ask(question: string): Message[] {
    this.#open = { question, answer: '' };
    return [...this.#start(), ...this.#turns, { role: 'user', content: question }];
  }

  /** Adds a piece to the answer. */
  hear(text: string): void {
    if (this.#open) this.#open.answer += text;
  }

  /** Ends the answer, or what has come of it. A question without any answer is no turn of the conversation. */
  endAnswer(): void {
    if (!this.#open || this.#open.answer === '') return;
    this.#turns.push(...turn(this.#open.question, this.#open.answer));
    this.#open = null;
  }

  clear(): void {
    this.#turns = [];
    this.#open = null;
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

function turn(question: string, answer: string): SavedMessage[] {
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ];
}
