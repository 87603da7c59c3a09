import type { Readable } from 'node:stream';

/** Lines kept to explain why the process ended: enough for a stack of native frames. */
const keptLines = 60;
/** Characters kept of each line. */
const keptCharacters = 500;

/** Reads a process's output line by line. Returns a live list of its last lines, without blank ones. */
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
