import type { Readable } from 'node:stream';

/** Lines that are kept to explain an end: a stack of native frames fits. */
const keptLines = 60;
/** Characters that are kept of a line. */
const keptCharacters = 500;

/** Reads what a process prints, line by line; returns the last lines, kept up to date. Empty lines don't count. */
export function readOutput(streams: readonly Readable[], onLine: (line: string) => void): readonly string[] {
  const tail: string[] = [];
  const take = (line: string) => {
    if (line.trim() === '') return;
    tail.splice(0, Math.max(0, tail.push(line) - keptLines));
    onLine(line);
  };
  for (const stream of streams) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n').map((line) => line.slice(0, keptCharacters));
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    stream.once('end', () => take(rest));
  }
  return tail;
}
