import { signalExitCode } from './exit-codes.ts';
import { exitWhenFlushed } from './exit-when-flushed.ts';
import { listenForSignals } from './listen-for-signals.ts';

/** Runs `work`. The first Ctrl-C or SIGTERM aborts its signal, then the process exits with the signal's code; a second one exits at once. */
export async function untilSignalled(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  let received: NodeJS.Signals | null = null;
  void listenForSignals().then((signal) => {
    received = signal;
    stop.abort();
  });
  try {
    await work(stop.signal);
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
  }
  if (received) await exitWhenFlushed(signalExitCode(received));
}
