import { foreignText } from '@headway/protocol';
import stringWidth from 'string-width';

import type { colorsFor } from '../../terminal/stream-colors.ts';
import { fitLine } from '../../terminal/fit-line.ts';

type Colors = ReturnType<typeof colorsFor>;

export type Tone = 'plain' | 'strong' | 'soft' | 'cached' | 'read' | 'write' | 'wait' | 'fail';

/** A part of a line, in one tone. */
export interface Span {
  text: string;
  tone: Tone;
}

export type Line = readonly Span[];

/** Escapes control characters: most texts are the gateway's, and it may send anything, also in place of an id or a number. */
export const span = (text: string, tone: Tone = 'plain'): Span => ({ text: foreignText(text), tone });

export const widthOf = (line: Line) => line.reduce((sum, { text }) => sum + stringWidth(text), 0);

/** Cuts a line to at most so many columns. */
export function fit(line: Line, columns: number): Line {
  let room = columns;
  return line.flatMap((one) => {
    if (room <= 0) return [];
    const text = fitLine(one.text, room);
    room -= stringWidth(text);
    // What follows a cut must not look as if it belonged there.
    if (text !== one.text) room = 0;
    return [{ ...one, text }];
  });
}

export function paint(line: Line, colors: Colors): string {
  return line.map(({ text, tone }) => paintText(text, tone, colors)).join('');
}

function paintText(text: string, tone: Tone, colors: Colors): string {
  switch (tone) {
    case 'plain':
      return text;
    case 'strong':
      return colors.bold(text);
    case 'soft':
      return colors.dim(text);
    case 'cached':
      return colors.cyan(text);
    case 'read':
      return colors.blue(text);
    case 'write':
      return colors.green(text);
    case 'wait':
      return colors.yellow(text);
    case 'fail':
      return colors.red(text);
    default:
      return tone satisfies never;
  }
}
