/** A message of a chat, as far as its tokens go. */
export interface ChatMessage {
  role: string;
  content: string;
}

/** Text and the special tokens of a template, in the order of the prompt. */
const specials = /(<\|im_start\|>|<\|im_end\|>)/;

/** The prompt of a chat in the ChatML template. */
export function renderChat(messages: readonly ChatMessage[], tools: unknown): string {
  const toolText = Array.isArray(tools) && tools.length > 0 ? JSON.stringify(tools) : '';
  const all = toolText ? [{ role: 'system', content: `# Tools\n${toolText}` }, ...messages] : messages;
  const turns = all.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`);
  return `${turns.join('')}<|im_start|>assistant\n`;
}

/** Tokens of so many characters each. Each special token of the template is one. */
export function tokenize(text: string, charactersPerToken: number): string[] {
  return text.split(specials).flatMap((part) => (specials.test(part) ? [part] : pieces(part, charactersPerToken)));
}

function pieces(text: string, size: number): string[] {
  const characters = Array.from(text);
  const found: string[] = [];
  for (let at = 0; at < characters.length; at += size) found.push(characters.slice(at, at + size).join(''));
  return found;
}

/** Tokens of an answer: a word with the space before it, at most eight characters. */
export function replyTokens(text: string | readonly string[]): string[] {
  if (typeof text !== 'string') return [...text];
  return text.match(/\s?[^\s]{1,8}|\s/gu) ?? [];
}

/** Numbers for tokens, the same for the same token, and back. Knows only tokens it has numbered, at most 100,000. */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #tokens: string[] = [];

  numberOf(token: string): number {
    const known = this.#numbers.get(token);
    if (known !== undefined) return known;
    if (this.#tokens.length >= 100_000) return 0;
    this.#numbers.set(token, this.#tokens.length + 100);
    this.#tokens.push(token);
    return this.#tokens.length + 99;
  }

  /** The text of numbers; unknown ones have none. */
  textOf(numbers: readonly number[]): string {
    return numbers.map((number) => this.#tokens[number - 100] ?? '').join('');
  }
}
