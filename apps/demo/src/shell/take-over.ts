import { useLayoutEffect } from 'react';

/** Shows the page in place of its prerendered content as soon as it is `ready`. Does nothing afterwards. */
export function useTakeOver(ready: boolean): void {
  useLayoutEffect(() => {
    if (ready) takeOver();
  }, [ready]);
}

/** Notes that the browser keeps the font. The next visit's first content then uses it at once. */
async function noteFont(): Promise<void> {
  try {
    const [font] = await document.fonts.load('1em Inter');
    if (font) localStorage.setItem('headway-font', 'kept');
  } catch {
    // Without the font or the storage the next visit begins as this one did.
  }
}

function takeOver(): void {
  const first = document.getElementById('first-content');
  if (!first) return;
  const written = first.querySelector('textarea')?.value ?? '';
  const focused = document.activeElement === document.body || first.contains(document.activeElement);
  first.remove();
  void noteFont();

  const box = document.querySelector<HTMLTextAreaElement>('#root textarea');
  if (!box) return;
  if (focused) box.focus();
  if (written === '') return;
  // What the user wrote meanwhile goes into React's box as if it was written there.
  box.setRangeText(written, box.value.length, box.value.length, 'end');
  box.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
