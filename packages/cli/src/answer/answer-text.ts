import { terminalText, type TokenEvent } from '@headway/protocol';

import { MarkdownStream } from '../markdown/markdown-stream.ts';
import { markdownStyles } from '../markdown/markdown-styles.ts';
import type { colorsFor } from '../terminal/stream-colors.ts';
import { WordWrap } from '../terminal/word-wrap.ts';

export interface AnswerTextOptions {
  /** Returns the present width; 0 if unknown. */
  columns: () => number;
  colors: ReturnType<typeof colorsFor>;
  /** Whether Markdown becomes styles. Without colours it never does: its marks then say more. */
  markdown: boolean;
  /** Whether code and long words, too, are broken at the width. @default false */
  hard?: boolean;
}

/** An answer as a terminal shows it: lines that break between words, Markdown as styles, and the reasoning dim. */
export interface AnswerText {
  /** Adds a piece; returns the text that can be written now. */
  write(piece: Pick<TokenEvent, 'channel' | 'text'>): string;
  /** Returns the rest. */
  end(): string;
  /** How many rows of a table are held back until its end; 0 while none is. */
  tableRows(): number;
}

export function createAnswerText({ columns, colors, markdown, hard = false }: AnswerTextOptions): AnswerText {
  const styled = markdown && colors.isColorSupported;
  const content = styled
    ? new MarkdownStream({ columns, styles: markdownStyles(colors), hard })
    : new WordWrap(columns, { hard });
  const thoughts = new WordWrap(columns, { hard });
  let reasoning = false;
  const endThoughts = () => {
    if (!reasoning) return '';
    reasoning = false;
    return thoughts.end();
  };
  return {
    write({ channel, text }) {
      const shown = terminalText(text);
      switch (channel) {
        case 'tool-call':
          return '';
        case 'reasoning':
          reasoning = true;
          return thoughts.write(shown, colors.dim);
        case 'content':
          return (reasoning ? thoughts.write('\n\n') : '') + endThoughts() + content.write(shown);
        default:
          return channel satisfies never;
      }
    },
    end: () => endThoughts() + content.end(),
    tableRows: () => (content instanceof MarkdownStream ? content.tableRows : 0),
  };
}
