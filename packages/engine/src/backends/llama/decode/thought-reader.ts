import type { ThoughtMarks } from '../prompt/thought-marks.ts';

export interface ReadText {
  channel: 'content' | 'reasoning';
  text: string;
}

type State = 'start' | 'opened' | 'thought' | 'closed' | 'content';

/**
 * Tells a model's thought from its answer by the marks around it. Spaces and line breaks between a mark and the text
 * belong to the mark. What could be the beginning of a mark is held back until that is known.
 */
export class ThoughtReader {
  readonly #marks: ThoughtMarks | null;
  #state: State;
  #held = '';

  constructor(marks: ThoughtMarks | null, startsInThought: boolean, continues: boolean) {
    this.#marks = marks;
    this.#state = marks && startsInThought ? 'opened' : marks && !continues ? 'start' : 'content';
  }

  /** Whether the model is in a thought. */
  get thinks(): boolean {
    return this.#state === 'opened' || this.#state === 'thought';
  }

  push(text: string): ReadText[] {
    if (this.#state === 'content' || !this.#marks) return text === '' ? [] : [{ channel: 'content', text }];
    this.#held += text;
    const read: ReadText[] = [];
    while (this.#step(this.#marks, read));
    return read;
  }

  /** Nothing more comes: what was held back was no mark. */
  end(): ReadText[] {
    const text = this.#held;
    this.#held = '';
    if (text === '' || this.#state === 'opened' || this.#state === 'closed') return [];
    return [{ channel: this.thinks ? 'reasoning' : 'content', text }];
  }

  /** One change of state; false when more text is needed. */
  #step({ open, close }: ThoughtMarks, read: ReadText[]): boolean {
    const rest = this.#held.trimStart();
    switch (this.#state) {
      case 'start':
        if (rest.startsWith(open)) return this.#go('opened', rest.slice(open.length));
        if (open.startsWith(rest)) return false;
        return this.#go('content', this.#held);
      case 'opened':
        return rest === '' ? this.#go('opened', '') : this.#go('thought', rest);
      case 'thought': {
        const at = this.#held.indexOf(close);
        const end = at >= 0 ? at : this.#held.length - beginningOf(close, this.#held);
        const text = this.#held.slice(0, end).trimEnd();
        if (text !== '') read.push({ channel: 'reasoning', text });
        if (at >= 0) return this.#go('closed', this.#held.slice(at + close.length));
        this.#held = this.#held.slice(text.length);
        return false;
      }
      case 'closed':
        return rest === '' ? this.#go('closed', '') : this.#go('content', rest);
      case 'content':
        if (this.#held !== '') read.push({ channel: 'content', text: this.#held });
        this.#held = '';
        return false;
    }
  }

  #go(state: State, held: string): boolean {
    const moves = state !== this.#state;
    this.#state = state;
    this.#held = held;
    return moves;
  }
}

/** How many of the text's last characters could be the beginning of the mark. */
function beginningOf(mark: string, text: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}
