import { inspect } from 'node:util';

/** All texts of an error: its message, its fields and its causes. */
export function errorText(error: unknown): string {
  return `${String(error)}\n${inspect(error, { depth: 8, maxStringLength: 4000, breakLength: Infinity })}`;
}
