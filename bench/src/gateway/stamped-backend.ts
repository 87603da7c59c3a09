import type { Backend, Slot } from '@headway/engine';

/** Microseconds on the monotonic clock that all processes of a machine share. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** A token's text: its number in the stream, the time of writing, and padding. */
export function stamp(number: number, atUs: number, padding = ''): string {
  return `${number},${atUs}${padding} `;
}

/** Parses the stamps in a text. The padding must not contain digits, commas or spaces. */
export function* stamps(text: string): Generator<{ number: number; atUs: number }> {
  for (const [, number, atUs] of text.matchAll(/(\d+),(\d+)\D* /g))
    yield { number: Number(number), atUs: Number(atUs) };
}

export interface StampedOptions {
  /** When each stream writes a token. */
  steps: Steps;
  /** Returns the padding for a prompt's tokens. */
  padding: (prompt: string) => string;
}

/**
 * The same backend, but it writes a stamp as each token's text: its number and its time of writing.
 */
export function stamped(backend: Backend, { steps, padding }: StampedOptions): Backend {
  return {
    name: backend.name,
    modelId: backend.modelId,
    async load(options) {
      const loaded = await backend.load(options);
      for (const slot of loaded.slots) stampSlot(slot, steps, padding);
      return loaded;
    },
  };
}

function stampSlot(slot: Slot, steps: Steps, padding: (prompt: string) => string): void {
  slot.decode = ({ request }, { signal, maxTokens, onPiece }) => {
    const { prompt, messages = [] } = request;
    const content = prompt ?? messages.at(-1)?.content;
    const pad = padding(typeof content === 'string' ? content : '');
    return new Promise((resolve, reject) => {
      let number = 0;
      steps.add(() => {
        if (signal.aborted) reject(signal.reason);
        else onPiece({ text: stamp(number++, nowUs(), pad), count: 1, channel: 'content' });
        if (number < maxTokens) return !signal.aborted;
        resolve({ reason: 'length', toolCalls: [] });
        return false;
      });
    });
  };
}

interface Stepped {
  /** Writes a token. False after the last one. */
  step: () => boolean;
  due: number;
}

/**
 * Calls each function every `everyMs`, without drift, until it returns false. One timer serves all, since a timer for each
 * token would cost as much as the gateway does.
 */
export class Steps {
  readonly #everyMs: number;
  /** By due time: all have the same interval. */
  #waiting: Stepped[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  add(step: () => boolean): void {
    this.#waiting.push({ step, due: performance.now() + this.#everyMs });
    this.#timer ??= setInterval(() => this.#run(), 1);
  }

  #run(): void {
    const now = performance.now();
    const later = this.#waiting.findIndex(({ due }) => due > now);
    const due = this.#waiting.splice(0, later < 0 ? this.#waiting.length : later);
    let last = this.#waiting.at(-1)?.due ?? 0;
    let sorted = true;
    for (const stepped of due) {
      stepped.due += this.#everyMs;
      if (!stepped.step()) continue;
      this.#waiting.push(stepped);
      // One that was late may be due before those that were not.
      sorted &&= stepped.due >= last;
      last = stepped.due;
    }
    if (!sorted) this.#waiting.sort((a, b) => a.due - b.due);
    if (this.#waiting.length > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
