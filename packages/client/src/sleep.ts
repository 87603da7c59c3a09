/** Resolves after `ms`. @throws the signal's reason as soon as it aborts */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Resolves after `ms`, or as soon as the browser's `online` event says that the machine has a network again.
 *
 * @throws the signal's reason as soon as it aborts
 */
export async function sleepUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  // Node has no `online` event.
  const page: Partial<Pick<typeof globalThis, 'addEventListener' | 'removeEventListener'>> = globalThis;
  const online = new AbortController();
  const wake = () => online.abort();
  page.addEventListener?.('online', wake, { once: true });
  try {
    await sleep(ms, AbortSignal.any([signal, online.signal]));
  } catch (thrown) {
    if (!online.signal.aborted || signal.aborted) throw thrown;
  } finally {
    page.removeEventListener?.('online', wake);
  }
}
