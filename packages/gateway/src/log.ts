import { pino, type LevelWithSilent, type Logger } from 'pino';

import { withoutHidden } from '@headway/protocol';

interface LineWriter {
  write(line: string): void;
}

/** Returns the logger, or makes one of that level. It writes to stderr, because stdout is for a command's output. */
export function openLog(logger: Logger | LevelWithSilent, lines?: LineWriter): Logger {
  if (typeof logger !== 'string') return logger;
  const to = lines ?? stderrLines();
  // JSON leaves some control characters unescaped that a terminal would obey.
  return pino({ name: 'headway', level: logger }, { write: (line: string) => to.write(withoutHidden(line)) });
}

function stderrLines(): LineWriter {
  const stderr = pino.destination({ fd: 2, sync: true });
  // On a full disk the gateway drops log lines and runs on.
  stderr.on('error', () => undefined);
  return stderr;
}
