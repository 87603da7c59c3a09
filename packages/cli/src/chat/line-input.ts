import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';

import { utf8Text } from '../terminal/utf8-text.ts';

export interface LineInput {
  /**
   * The next message, asked for by `prompt` on a terminal; null when no more comes.
   *
   * @throws Error when what comes from a pipe is no UTF-8
   */
  next(prompt: string): Promise<string | null>;
  /** Drops what is being typed and asks again; false when there was nothing. */
  discard(): boolean;
  /** Ends the input: who waits for a message gets null. */
  close(): void;
}

/** Asks for the next line of a message. */
const continuation = '… ';
/** So many messages of a pipe may wait; then no more is read of it. */
const mostReady = 64;

/**
 * Reads messages: a line each, several where a line ends in a backslash. A terminal has editing and history, what is
 * typed while nobody asks is kept, unseen, for the next question, and Ctrl-C is a key that `onInterrupt` hears of.
 */
export function createLineInput({ terminal, onInterrupt }: { terminal: boolean; onInterrupt: () => void }): LineInput {
  const output = new MutedOutput();
  const input = terminal ? process.stdin : Readable.from(utf8Text(process.stdin, 'standard input'));
  const reader = createInterface({ input, ...(terminal && { output }), terminal, historySize: 200 });
  const ready: string[] = [];
  let begun: string[] = [];
  let prompt = '';
  let waiting: { resolve: (message: string | null) => void; reject: (error: Error) => void } | null = null;
  let closed = false;
  let failure: Error | null = null;

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
    if (message === null && failure) taker?.reject(failure);
    else taker?.resolve(message);
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
    else if (ready.push(message) >= mostReady && !terminal) reader.pause();
  });
  reader.on('SIGINT', onInterrupt);
  // It passes on what is wrong with its input.
  reader.on('error', (error: Error) => {
    failure = error;
    reader.close();
  });
  reader.on('close', () => {
    closed = true;
    give(null);
  });

  return {
    next(words) {
      prompt = words;
      const early = ready.shift();
      if (early !== undefined && terminal) process.stdout.write(`${prompt}${early}\n`);
      if (early !== undefined) return Promise.resolve(early);
      if (closed) return failure ? Promise.reject(failure) : Promise.resolve(null);
      if (!terminal) reader.resume();
      ask(begun.length > 0 ? continuation : prompt);
      return new Promise((resolve, reject) => (waiting = { resolve, reject }));
    },
    discard() {
      if (closed || (reader.line === '' && begun.length === 0)) return false;
      begun = [];
      // What was typed stays on the screen, as in a shell.
      output.muted = true;
      reader.write(null, { ctrl: true, name: 'e' });
      reader.write(null, { ctrl: true, name: 'u' });
      if (!waiting) return true;
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
