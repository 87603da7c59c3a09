import { useLayoutEffect } from 'react';

/** Shows the page in place of its prerendered content as soon as it is `ready`. Does nothing afterwards. */
export function useTakeOver(ready: boolean): void {
  useLayoutEffect(() => {
    if (ready) takeOver();
  }, [ready]);
}

function takeOver(): void {
  const first = document.getElementById('first-content');
  if (!first) return;
  const written = first.querySelector('textarea')?.value ?? '';
  const focused = document.activeElement === document.body || first.contains(document.activeElement);
  first.remove();

  const box = document.querySelector<HTMLTextAreaElement>('#root textarea');
  if (!box) return;
  if (focused) box.focus();
  if (written === '') return;
  // What the user wrote meanwhile goes into React's box as if it was written there.
  box.setRangeText(written, box.value.length, box.value.length, 'end');
  box.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
