import { signalExitCode } from './exit-codes.ts';

/** npm passes on the Ctrl-C that the terminal has already sent to everybody: within this time it is the same one. */
const sameSignalMs = 300;

/**
 * Resolves with the first SIGINT or SIGTERM; the second ends the process at once. SIGHUP is one of them where somebody's
 * terminal was closed; what runs without one (`nohup`, a service) goes on.
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

/** Hears of SIGHUP where it means that somebody's terminal was closed; elsewhere nothing ends by it. */
export function onTerminalClosed(onSignal: (signal: NodeJS.Signals) => void): void {
  const hasTerminal = process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGHUP', (signal) => hasTerminal && onSignal(signal));
}
