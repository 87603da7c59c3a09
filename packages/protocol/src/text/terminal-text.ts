/* oxlint-disable no-control-regex -- they are what this is about */

/** What a model writes, for a terminal: without the control characters that would move its cursor or change its state. */
export function terminalText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/**
 * A name or a message from elsewhere, in a line of ours: its control characters, and those that turn the direction of
 * what follows, are seen as `\u001b`, so that it says what it is and does nothing.
 */
export function foreignText(text: string): string {
  return withoutHidden(text.replace(/[\u0000-\u001f]/g, escape));
}

/** A value as JSON, for a file or a terminal: what JSON leaves as it is and a terminal obeys is escaped, too. */
export function jsonText(value: unknown, indent?: number): string {
  return withoutHidden(JSON.stringify(value, null, indent));
}

/** Of what has no control characters of seven bits, or is JSON: the others are seen. */
export function withoutHidden(text: string): string {
  return text.replace(hidden, escape);
}

/** Control characters of eight bits, and what changes the direction of text. */
const hidden = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
