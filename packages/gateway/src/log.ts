import { pino, type LevelWithSilent, type Logger } from 'pino';

import { withoutHidden } from '@headway/protocol';

/** Where a log's lines go. */
interface Lines {
  write(line: string): void;
}

/** The logger itself, or one of that level. It writes to stderr: stdout belongs to whoever runs the command. */
export function openLog(logger: Logger | LevelWithSilent, lines?: Lines): Logger {
  if (typeof logger !== 'string') return logger;
  const to = lines ?? stderrLines();
  // JSON leaves some characters as they are that a terminal obeys.
  return pino({ name: 'headway', level: logger }, { write: (line: string) => to.write(withoutHidden(line)) });
}

function stderrLines(): Lines {
  const stderr = pino.destination({ fd: 2, sync: true });
  // A line that a full disk does not take is lost, and the gateway goes on.
  stderr.on('error', () => undefined);
  return stderr;
}
