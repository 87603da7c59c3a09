import { sleep } from './sleep.ts';

/**
 * Resolves after so many milliseconds, and at once when a page hears that its machine has a network again.
 *
 * @throws the signal's reason, at once when it aborts
 */
export async function sleepUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  // Node has no such event.
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
