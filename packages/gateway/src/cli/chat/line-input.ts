import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface LineInput {
  /** The next message, asked for by `prompt` on a terminal; null when no more comes. */
  next(prompt: string): Promise<string | null>;
  /** Drops what is being typed and asks again; false when there was nothing. */
  discard(): boolean;
  /** Ends the input: who waits for a message gets null. */
  close(): void;
}

/** Asks for the next line of a message. */
const continuation = '… ';

/**
 * Reads messages: a line each, several where a line ends in a backslash. A terminal has editing and history, what is
 * typed while nobody asks is kept, unseen, for the next question, and Ctrl-C is a key that `onInterrupt` hears of.
 */
export function createLineInput({ terminal, onInterrupt }: { terminal: boolean; onInterrupt: () => void }): LineInput {
  const output = new MutedOutput();
  const reader = createInterface({ input: process.stdin, ...(terminal && { output }), terminal, historySize: 200 });
  const ready: string[] = [];
  let begun: string[] = [];
  let prompt = '';
  let waiting: ((message: string | null) => void) | null = null;
  let closed = false;

  const ask = (words: string) => {
    if (!terminal) return;
    output.muted = false;
    reader.setPrompt(words);
    reader.prompt(true);
  };
  const give = (message: string | null) => {
    if (terminal && message === null && waiting) process.stdout.write('\n');
    output.muted = true;
    const taker = waiting;
    waiting = null;
    taker?.(message);
  };
  reader.on('line', (line) => {
    if (line.endsWith('\\')) {
      begun.push(line.slice(0, -1));
      if (waiting) ask(continuation);
      return;
    }
    const message = [...begun, line].join('\n');
    begun = [];
    if (waiting) give(message);
    else ready.push(message);
  });
  reader.on('SIGINT', onInterrupt);
  reader.on('close', () => {
    closed = true;
    give(null);
  });

  return {
    next(words) {
      prompt = words;
      const early = ready.shift();
      if (early !== undefined && terminal) process.stdout.write(`${prompt}${early}\n`);
      if (early !== undefined || closed) return Promise.resolve(early ?? null);
      ask(begun.length > 0 ? continuation : prompt);
      return new Promise((resolve) => (waiting = resolve));
    },
    discard() {
      if (closed || (reader.line === '' && begun.length === 0)) return false;
      begun = [];
      // What was typed stays on the screen, as in a shell.
      output.muted = true;
      reader.write(null, { ctrl: true, name: 'e' });
      reader.write(null, { ctrl: true, name: 'u' });
      if (terminal) process.stdout.write('\n');
      ask(prompt);
      return true;
    },
    close: () => reader.close(),
  };
}

/** Stdout, as readline draws on it, that can be told to keep still. */
class MutedOutput extends Writable {
  muted = true;

  get columns(): number {
    return process.stdout.columns;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.muted) process.stdout.write(chunk);
    done();
  }
}
