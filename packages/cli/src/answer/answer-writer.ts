import { terminalText, type TokenEvent } from '@headway/protocol';

import { colorsFor } from '../terminal/stream-colors.ts';
import { WordWrap } from '../terminal/word-wrap.ts';

export interface AnswerWriter {
  write(event: TokenEvent): void;
  /** Writes the buffered word, and on a terminal ends the line. */
  end(): void;
}

/**
 * Writes an answer to stdout as it arrives. A terminal gets lines that break between words, and the reasoning dim; a pipe
 * gets the answer alone, byte for byte.
 */
export function createAnswerWriter(stream: NodeJS.WriteStream = process.stdout): AnswerWriter {
  if (!stream.isTTY) {
    return {
      write: ({ channel, text }) => void (channel === 'content' && stream.write(text)),
      end: () => undefined,
    };
  }
  const { dim } = colorsFor(stream);
  const newWrap = () => new WordWrap(() => stream.columns ?? 0);
  let words = newWrap();
  let written = '';
  let reasoning = false;
  const put = (text: string) => {
    if (text === '') return;
    stream.write(reasoning ? dim(text) : text);
    written = text;
  };
  return {
    write({ channel, text }) {
      if (channel === 'tool-call') return;
      if (reasoning && channel === 'content') {
        put(words.write('\n\n') + words.end());
        // A code fence that the reasoning left open does not continue in the answer.
        words = newWrap();
      }
      reasoning = channel === 'reasoning';
      put(words.write(terminalText(text)));
    },
    end() {
      put(words.end());
      if (!written.endsWith('\n')) put('\n');
    },
  };
}
