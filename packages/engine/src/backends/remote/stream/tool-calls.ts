import type { ToolCall, ToolCallHead } from '@headway/protocol';

import { createToolCallId } from '../../../backend/create-tool-call-id.ts';

/** A part of a call in a chunk. Whole calls often come without index and id. */
export interface CallPart {
  index?: number | null;
  id?: string | null;
  /** `arguments`: text that continues the call's, or an object where the call is whole. */
  function?: { name?: string | null; arguments?: unknown } | null;
}

interface OpenCall {
  /** The server's index and id; undefined until it tells them. */
  index: number | undefined;
  id: string | undefined;
  arguments: string;
  /** Null until the name is known. */
  head: ToolCallHead | null;
}

/** Puts the tool calls of one choice together from their parts. A call is told from its name on. */
export class ToolCalls {
  readonly #open: OpenCall[] = [];
  readonly #named: (OpenCall & { head: ToolCallHead })[] = [];

  /** What a part adds to its call; null for nothing that can be told yet. The piece that tells the name comes empty, too. */
  take(part: CallPart): { head: ToolCallHead; text: string } | null {
    const { name, arguments: args } = part.function ?? {};
    const call = this.#find(part, Boolean(name)) ?? this.#begin(part);
    call.id ??= part.id || undefined;
    const text = typeof args === 'string' ? args : args ? JSON.stringify(args) : '';
    call.arguments += text;
    if (call.head) return text === '' ? null : { head: call.head, text };
    if (!name) return null;
    const taken = this.#named.some(({ head }) => head.id === call.id);
    const head = { index: this.#named.length, id: taken || !call.id ? createToolCallId() : call.id, name };
    this.#named.push(Object.assign(call, { head }));
    return { head, text: call.arguments };
  }

  /** The calls that have a name, in the order of their heads' indices. */
  get list(): ToolCall[] {
    return this.#named.map(({ head: { id, name }, arguments: args }) => ({ id, name, arguments: args }));
  }

  /** The call that a part continues. A call has one name, so another one begins a call, whatever the index. */
  #find({ index, id }: CallPart, hasName: boolean): OpenCall | undefined {
    const here = this.#open.filter((one) => typeof index !== 'number' || one.index === index);
    const same = id ? here.findLast((one) => one.id === id) : undefined;
    if (same) return same;
    // Some servers write a new id into every part, but then with the index.
    const last = id && typeof index !== 'number' ? undefined : here.at(-1);
    return hasName && last?.head ? undefined : last;
  }

  #begin({ index, id }: CallPart): OpenCall {
    const call = { index: index ?? undefined, id: id || undefined, arguments: '', head: null };
    this.#open.push(call);
    return call;
  }
}
