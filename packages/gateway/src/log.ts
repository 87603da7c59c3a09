import { pino, type LevelWithSilent, type Logger } from 'pino';

/** The logger itself, or one of that level. It writes to stderr: stdout belongs to whoever runs the command. */
export function openLog(logger: Logger | LevelWithSilent): Logger {
  return typeof logger === 'string'
    ? pino({ name: 'headway', level: logger }, pino.destination({ fd: 2, sync: true }))
    : logger;
}
