import type { KeyboardEvent } from 'react';

/** Whether a key press in a message box sends the message: Enter, or with Ctrl or Cmd where Enter is the only new line. */
export function sendsMessage({ key, metaKey, ctrlKey, shiftKey, altKey, nativeEvent }: KeyboardEvent): boolean {
  if (key !== 'Enter' || nativeEvent.isComposing) return false;
  // On a phone's keyboard Enter is the only way to a new line.
  return metaKey || ctrlKey || (!shiftKey && !altKey && !matchMedia('(pointer: coarse)').matches);
}
