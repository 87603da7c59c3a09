/* oxlint-disable no-control-regex -- this file removes and escapes control characters */

/** A model's text for a terminal, without the control characters that would move its cursor or change its state. */
export function terminalText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/**
 * Untrusted text, such as a name or a message of another server, to be printed in a line. Control characters and those
 * that change the direction of text are escaped as `\u001b`, so that they show and have no effect.
 */
export function foreignText(text: string): string {
  return withoutHidden(text.replace(/[\u0000-\u001f]/g, escape));
}

/** A value as JSON for a file or a terminal. Also escapes the characters that JSON allows and terminals obey. */
export function jsonText(value: unknown, indent?: number): string {
  return withoutHidden(JSON.stringify(value, null, indent));
}

/** Escapes hidden characters above 7 bits, in JSON or in text without 7-bit control characters. */
export function withoutHidden(text: string): string {
  return text.replace(hidden, escape);
}

/** 8-bit control characters, and characters that change the direction of text. */
const hidden = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
