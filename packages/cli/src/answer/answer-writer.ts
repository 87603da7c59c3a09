import type { TokenEvent } from '@headway/protocol';

import { canDraw, colorsFor } from '../terminal/stream-colors.ts';
import { createAnswerText } from './answer-text.ts';

export interface AnswerWriter {
  write(event: Pick<TokenEvent, 'channel' | 'text'>): void;
  /** Writes what is held back, and on a terminal ends the line. Nothing is written after that. */
  end(): void;
}

export interface AnswerWriterOptions {
  /** Whether a terminal shows Markdown as what it says, where it has colours. @default true */
  markdown?: boolean | undefined;
}

/** Writes an answer to stdout as it arrives. A pipe gets the answer alone, byte for byte. */
export function createAnswerWriter({ markdown = true }: AnswerWriterOptions = {}): AnswerWriter {
  const { stdout } = process;
  if (!stdout.isTTY) {
    return {
      write: ({ channel, text }) => void (channel === 'content' && stdout.write(text)),
      end: () => undefined,
    };
  }
  const answer = createAnswerText({ columns: () => stdout.columns ?? 0, colors: colorsFor(stdout), markdown });
  const note = createTableNote(stdout);
  let written = '';
  let ended = false;
  const put = (text: string) => {
    if (text === '') return;
    note.remove();
    stdout.write(text);
    written = text;
  };
  return {
    write(event) {
      if (ended) return;
      put(answer.write(event));
      note.show(answer.tableRows());
    },
    end() {
      if (ended) return;
      ended = true;
      put(answer.end());
      if (!written.endsWith('\n')) put('\n');
    },
  };
}

/** A line that stands for a table while it is held back until its end. */
function createTableNote(stream: NodeJS.WriteStream) {
  const { dim } = colorsFor(stream);
  let shown = 0;
  const remove = () => {
    if (shown > 0) stream.write('\r\u001b[2K');
    shown = 0;
  };
  return {
    remove,
    show(rows: number): void {
      if (rows === shown || !canDraw(stream)) return;
      remove();
      if (rows > 0) stream.write(dim(`a table: ${rows} ${rows === 1 ? 'row' : 'rows'} …`));
      shown = rows;
    },
  };
}
