/** What a model writes, for a terminal: without the control characters that would move its cursor or change its state. */
export function terminalText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
