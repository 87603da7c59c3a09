import type { InputItem } from '../input/input-item.ts';

/** An entry of a conversation with its id. It is kept once, even if several responses contain it. */
export interface KeptItem {
  readonly id: string;
  readonly item: InputItem;
  /** An estimate of its memory. */
  readonly bytes: number;
}

/** Memory for a character of a string. */
const bytesPerCharacter = 2;
/** Memory for the objects that hold the strings. */
const bytesForObjects = 512;

/** An estimate of the memory for a value that came as JSON. */
export function bytesOf(value: unknown): number {
  return bytesForObjects + bytesPerCharacter * (JSON.stringify(value)?.length ?? 0);
}

export function keptItem(id: string, item: InputItem): KeptItem {
  return { id, item, bytes: bytesOf(item) };
}

const prefixes: Readonly<Record<string, string>> = {
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
};

/** The id of an input item in the request of a generation; `at` is its place in the conversation. */
export function inputItemId({ type }: InputItem, generation: string, at: number): string {
  return `${prefixes[type ?? 'message'] ?? 'msg'}_${generation}_i${at}`;
}

/** The items of one owner's responses, counted by reference: each is kept as long as a response contains it. */
export class ItemPool {
  readonly #held = new Map<string, { kept: KeptItem; holders: number }>();

  find(id: string): KeptItem | undefined {
    return this.#held.get(id)?.kept;
  }

  /** Adds a reference. Returns the bytes that this takes: 0 for an item that is already kept. */
  hold(kept: KeptItem): number {
    const held = this.#held.get(kept.id);
    if (held) {
      held.holders += 1;
      return 0;
    }
    this.#held.set(kept.id, { kept, holders: 1 });
    return kept.bytes;
  }

  /** Removes a reference. Returns the bytes that this frees. */
  release({ id, bytes }: KeptItem): number {
    const held = this.#held.get(id);
    if (!held) return 0;
    held.holders -= 1;
    if (held.holders > 0) return 0;
    this.#held.delete(id);
    return bytes;
  }
}
