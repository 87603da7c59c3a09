import { signalExitCode } from './exit-codes.ts';

/** npm forwards a Ctrl-C that the terminal has already sent to this process; a signal within this time is the same one. */
const sameSignalMs = 300;

/**
 * Resolves with the first SIGINT or SIGTERM; the second ends the process at once. SIGHUP counts as one if the process has a
 * terminal, which was then closed. Without a terminal (`nohup`, a service) the process goes on.
 */
export function listenForSignals(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | null = null;
    const onSignal = (signal: NodeJS.Signals) => {
      const now = performance.now();
      first ??= now;
      if (now - first > sameSignalMs) process.exit(signalExitCode(signal));
      resolve(signal);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    onTerminalClosed(onSignal);
  });
}

/** Listens for SIGHUP, which means that the terminal was closed. A process without a terminal ignores it. */
export function onTerminalClosed(onSignal: (signal: NodeJS.Signals) => void): void {
  const hasTerminal = process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGHUP', (signal) => hasTerminal && onSignal(signal));
}
