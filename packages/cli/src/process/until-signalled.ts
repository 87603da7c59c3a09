import { signalExitCode } from './exit-codes.ts';
import { leave } from './exit-when-flushed.ts';
import { listenForSignals } from './listen-for-signals.ts';

/** Does work that Ctrl-C or SIGTERM stops through `signal`, and ends the process with its exit code; a second one does not wait. */
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
  if (received) await leave(signalExitCode(received));
}
