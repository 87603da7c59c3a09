import { inspect } from 'node:util';

/** All that an error says to whoever has it in hand: its message, its fields, its causes. */
export function everythingIn(error: unknown): string {
  return `${String(error)}\n${inspect(error, { depth: 8, maxStringLength: 4000, breakLength: Infinity })}`;
}
