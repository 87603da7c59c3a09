import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';

import { utf8Text } from '../terminal/utf8-text.ts';

export interface LineInputOptions {
  terminal: boolean;
  onInterrupt: () => void;
  /** Earlier messages, the oldest first, that the up arrow brings back. @default none */
  history?: readonly string[];
}

export interface LineInput {
  /**
   * Waits for the next message, after showing `prompt` on a terminal; null when the input has ended.
   *
   * @throws Error when a pipe's input is not UTF-8
   */
  next(prompt: string): Promise<string | null>;
  /** Drops the line being typed and shows the prompt again; false if the line was empty. */
  discard(): boolean;
  /** Ends the input; a pending `next` resolves with null. */
  close(): void;
}

/** The prompt for the next line of a message. */
const continuation = '… ';
const historySize = 200;
/** Reading from a pipe pauses when so many messages wait. */
const mostReady = 64;

/**
 * Reads messages of one line, or of several where a line ends in a backslash. At a terminal it has editing and history;
 * lines typed between two calls of `next` are kept, without being shown, for the next call; and Ctrl-C calls
 * `onInterrupt`.
 */
export function createLineInput({ terminal, onInterrupt, history = [] }: LineInputOptions): LineInput {
  const output = new MutedOutput();
  const input = terminal ? process.stdin : Readable.from(utf8Text(process.stdin, 'standard input'));
  // A line of the history is one line.
  const lines = history.flatMap((message) => (message.includes('\n') ? [] : [message])).toReversed();
  const reader = createInterface({ input, ...(terminal && { output }), terminal, historySize, history: lines });
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
  // readline emits the errors of its input.
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
      // The dropped line stays on the screen, as in a shell.
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

/** The part of stdout that readline draws on; it writes nothing while `muted`. */
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
