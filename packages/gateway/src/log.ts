import { pino, type LevelWithSilent, type Logger } from 'pino';

/** The logger itself, or one of that level. It writes to stderr: stdout belongs to whoever runs the command. */
export function openLog(logger: Logger | LevelWithSilent): Logger {
  if (typeof logger !== 'string') return logger;
  const stderr = pino.destination({ fd: 2, sync: true });
  // A line that a full disk does not take is lost, and the gateway goes on.
  stderr.on('error', () => undefined);
  return pino({ name: 'headway', level: logger }, stderr);
}
