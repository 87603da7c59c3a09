/** Calls back now if the page is shown, else when it is shown again; never once the signal aborts. */
export function whenVisible(
  callback: () => void,
  signal: AbortSignal,
  page: Pick<Document, 'hidden'> & EventTarget,
): void {
  if (signal.aborted) return;
  if (!page.hidden) return callback();
  page.addEventListener('visibilitychange', () => whenVisible(callback, signal, page), { once: true, signal });
}
