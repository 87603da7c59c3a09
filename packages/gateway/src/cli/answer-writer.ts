import type { TokenEvent } from '@headway/protocol';

import { colorsFor } from './stream-colors.ts';
import { terminalText } from './terminal-text.ts';

export interface AnswerWriter {
  write(event: TokenEvent): void;
  /** Ends the line on a terminal. */
  end(): void;
}

/** Writes an answer as it comes. On a terminal its reasoning is there, dim; a pipe gets the answer, byte for byte. */
export function createAnswerWriter(stream: NodeJS.WriteStream = process.stdout): AnswerWriter {
  if (!stream.isTTY) {
    return {
      write: ({ channel, text }) => void (channel === 'content' && stream.write(text)),
      end: () => undefined,
    };
  }
  const { dim } = colorsFor(stream);
  let written = '';
  let reasoning = false;
  const put = (text: string, style: (text: string) => string) => {
    if (text === '') return;
    stream.write(style(text));
    written = text;
  };
  const plain = (text: string) => text;
  return {
    write({ channel, text }) {
      if (channel === 'tool-call') return;
      if (reasoning && channel === 'content') put('\n\n', plain);
      reasoning = channel === 'reasoning';
      put(terminalText(text), reasoning ? dim : plain);
    },
    end() {
      if (!written.endsWith('\n')) put('\n', plain);
    },
  };
}
