import { signalExitCode } from './exit-codes.ts';
import { listenForSignals } from './listen-for-signals.ts';

/** Does work that Ctrl-C or SIGTERM stops through `signal`, and sets the exit code for it; a second one ends the process. */
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
  if (received) process.exitCode = signalExitCode(received);
}
