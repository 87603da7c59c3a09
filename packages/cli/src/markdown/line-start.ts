/** What a line, or what follows a quote's or a list item's mark in it, begins with. `length` is what the mark takes. */
export type LineStart =
  | { kind: 'blank' }
  | { kind: 'quote'; length: number }
  | { kind: 'item'; length: number; indent: string; marker: string; gap: string }
  | { kind: 'heading'; length: number; level: number }
  | { kind: 'rule' }
  | { kind: 'fence'; fence: Fence }
  /** Maybe a row of a table. */
  | { kind: 'row' }
  | { kind: 'text'; indent: string };

/** A code block's fence. */
export interface Fence {
  character: '`' | '~';
  /** How many of them it has at least. */
  length: number;
}

/** A longer beginning of a line is text, whatever it may become. */
const longestHeld = 400;

/** Reads how a line begins; null when more of it has to arrive first. `complete` means that the line ends here. */
export function readLineStart(text: string, complete: boolean): LineStart | null {
  const [indent = ''] = /^[ \t]*/.exec(text) ?? [];
  const rest = text.slice(indent.length);
  if (rest === '') return complete ? { kind: 'blank' } : waitWithin(text, indent);
  switch (rest[0]) {
    case '>':
      if (rest.length === 1 && !complete) return null;
      return { kind: 'quote', length: indent.length + (rest[1] === ' ' ? 2 : 1) };
    case '#':
      return readHeading(text, indent, complete);
    case '`':
    case '~':
      return readFence(text, indent, complete);
    case '|':
      return { kind: 'row' };
    case '-':
    case '*':
    case '_':
    case '+':
      return readRuleOrItem(text, indent, complete);
    default:
      return /^\d/.test(rest) ? readNumber(text, indent, complete) : { kind: 'text', indent };
  }
}

/** Whether a line closes a code block; null when more of it has to arrive first. */
export function closesFence(text: string, { character, length }: Fence, complete: boolean): boolean | null {
  const [, run = '', rest = ''] = (character === '`' ? /^\s*(`*)(.*)$/s : /^\s*(~*)(.*)$/s).exec(text) ?? [];
  if (rest.trim() !== '' || text.length > longestHeld) return false;
  if (rest === '' && !complete) return null;
  return run.length >= length ? (complete ? true : null) : false;
}

function waitWithin(text: string, indent: string): LineStart | null {
  return text.length > longestHeld ? { kind: 'text', indent } : null;
}

function readHeading(text: string, indent: string, complete: boolean): LineStart | null {
  const [, marks = '', gap = '', rest = ''] = /^[ \t]*(#+)([ \t]*)(.*)$/s.exec(text) ?? [];
  if (marks.length > 6 || (gap === '' && rest !== '')) return { kind: 'text', indent };
  if (rest === '') return complete ? { kind: 'text', indent } : waitWithin(text, indent);
  return { kind: 'heading', level: marks.length, length: indent.length + marks.length + gap.length };
}

function readFence(text: string, indent: string, complete: boolean): LineStart | null {
  const character = text[indent.length] === '~' ? '~' : '`';
  const [, run = '', info = ''] = (character === '`' ? /^[ \t]*(`+)(.*)$/s : /^[ \t]*(~+)(.*)$/s).exec(text) ?? [];
  // In a line like ```` ```code``` ```` the backticks are a code span.
  const isText = run.length < 3 ? info !== '' : character === '`' && info.includes('`');
  if (isText || text.length > longestHeld) return { kind: 'text', indent };
  if (!complete) return null;
  return run.length < 3 ? { kind: 'text', indent } : { kind: 'fence', fence: { character, length: run.length } };
}

function readRuleOrItem(text: string, indent: string, complete: boolean): LineStart | null {
  const marks = text.replace(/\s/g, '');
  if (/^(-+|\*+|_+)$/.test(marks)) {
    if (!complete) return waitWithin(text, indent);
    if (marks.length >= 3) return { kind: 'rule' };
  }
  const [, marker = '', gap = '', rest = ''] = /^[ \t]*([-*+])([ \t]*)(.*)$/s.exec(text) ?? [];
  return readItem({ indent, marker, gap, rest, complete });
}

function readNumber(text: string, indent: string, complete: boolean): LineStart | null {
  const [, marker = '', gap = '', rest = ''] = /^[ \t]*(\d{1,9}[.)]?)([ \t]*)(.*)$/s.exec(text) ?? [];
  if (/\d$/.test(marker) && (gap !== '' || rest !== '' || complete)) return { kind: 'text', indent };
  return readItem({ indent, marker, gap, rest, complete });
}

interface ItemParts {
  indent: string;
  marker: string;
  gap: string;
  rest: string;
  complete: boolean;
}

function readItem({ indent, marker, gap, rest, complete }: ItemParts): LineStart | null {
  if (marker === '' || (gap === '' && rest !== '')) return { kind: 'text', indent };
  if (rest === '' && !complete) return waitWithin(gap, indent);
  if (gap === '' && /\d/.test(marker)) return { kind: 'text', indent };
  return { kind: 'item', indent, marker, gap, length: indent.length + marker.length + gap.length };
}
