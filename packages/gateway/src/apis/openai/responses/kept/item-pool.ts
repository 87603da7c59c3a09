import type { InputItem } from '../input/input-item.ts';

/** An entry of a conversation under its id. However many responses have it, it is kept once. */
export interface KeptItem {
  readonly id: string;
  readonly item: InputItem;
  /** What it takes, as an estimate. */
  readonly bytes: number;
}

/** For strings as they lie in memory. */
const bytesPerCharacter = 2;
/** The objects around them. */
const bytesAround = 512;

/** Memory that a value takes which came as JSON, as an estimate. */
export function bytesOf(value: unknown): number {
  return bytesAround + bytesPerCharacter * (JSON.stringify(value)?.length ?? 0);
}

export function keptItem(id: string, item: InputItem): KeptItem {
  return { id, item, bytes: bytesOf(item) };
}

const prefixes: Readonly<Record<string, string>> = {
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
};

/** What an item of a request is called by which the generation was asked for; `at` is its place in the conversation. */
export function inputItemId({ type }: InputItem, generation: string, at: number): string {
  return `${prefixes[type ?? 'message'] ?? 'msg'}_${generation}_i${at}`;
}

/** The items of one owner's responses, each for as long as a response has it. */
export class ItemPool {
  readonly #held = new Map<string, { kept: KeptItem; holders: number }>();

  find(id: string): KeptItem | undefined {
    return this.#held.get(id)?.kept;
  }

  /** The bytes that it takes to hold it, too: 0 where it was there. */
  hold(kept: KeptItem): number {
    const held = this.#held.get(kept.id);
    if (held) {
      held.holders += 1;
      return 0;
    }
    this.#held.set(kept.id, { kept, holders: 1 });
    return kept.bytes;
  }

  /** The bytes that are free then. */
  letGo({ id, bytes }: KeptItem): number {
    const held = this.#held.get(id);
    if (!held) return 0;
    held.holders -= 1;
    if (held.holders > 0) return 0;
    this.#held.delete(id);
    return bytes;
  }
}
