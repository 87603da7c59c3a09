import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';

interface Delimiters {
  open: string;
  close: string;
  display: boolean;
}

const blockDelimiters: Delimiters[] = [
  { open: '$$', close: '$$', display: true },
  { open: '\\[', close: '\\]', display: true },
];
const inlineDelimiters: Delimiters[] = [...blockDelimiters, { open: '\\(', close: '\\)', display: false }];

/**
 * Adds formulas: `$x$`, `\(x\)`, `$$x$$` and `\[x\]`. A token `math` has the formula as its content and the whole source as
 * its info; `open_math` is a formula whose end is missing.
 */
export function addMath(parser: MarkdownIt): void {
  parser.block.ruler.before('fence', 'math', mathBlock, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
  parser.inline.ruler.before(
    'escape',
    'math',
    (state, silent) => mathInline(state, silent) || dollarMath(state, silent),
  );
}

/**
 * A formula of whole lines. It ends at its delimiter, or without one at a blank line: where it ends never depends on text
 * that is still to come, so that the blocks before it stay as they are.
 */
function mathBlock(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const first = lineAt(state, startLine);
  if (first.indent >= 4) return false;
  const delimiters = blockDelimiters.find(({ open }) => first.text.startsWith(open));
  if (!delimiters) return false;
  const { open, close } = delimiters;
  const rest = first.text.slice(open.length);
  const closing = rest.indexOf(close);
  // Text follows the formula: it is part of a paragraph.
  if (closing >= 0 && rest.slice(closing + close.length).trim() !== '') return false;
  if (silent) return true;

  let next = startLine + 1;
  let closed = closing >= 0;
  for (; !closed && next < endLine && !state.isEmpty(next); next += 1) {
    const line = lineAt(state, next);
    if (line.indent < 0) break;
    closed = line.text.trimEnd().endsWith(close);
  }
  const raw = state.getLines(startLine, next, state.blkIndent, false).trim();
  const token = state.push(closed ? 'math' : 'open_math', 'math', 0);
  token.block = true;
  token.map = [startLine, next];
  token.info = raw;
  token.content = closed ? raw.slice(open.length, -close.length).trim() : raw;
  token.meta = { display: true };
  state.line = next;
  return true;
}

function lineAt(state: StateBlock, line: number): { text: string; indent: number } {
  const start = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
  return { text: state.src.slice(start, state.eMarks[line]), indent: (state.sCount[line] ?? 0) - state.blkIndent };
}

function mathInline(state: StateInline, silent: boolean): boolean {
  const delimiters = inlineDelimiters.find(({ open }) => state.src.startsWith(open, state.pos));
  if (!delimiters) return false;
  const { open, close, display } = delimiters;
  const start = state.pos + open.length;
  const end = state.src.indexOf(close, start);
  if (end >= 0 && state.src.slice(start, end).trim() === '') return false;
  if (end < 0 || end + close.length > state.posMax) {
    if (end >= 0 || state.env['live'] !== true) return false;
    if (!silent) push(state, 'open_math', state.src.slice(state.pos), display);
    state.pos = state.posMax;
    return true;
  }
  if (!silent) push(state, 'math', state.src.slice(start, end), display, open, close);
  state.pos = end + close.length;
  return true;
}

/** As in Pandoc: no space at the inside of the dollars and no number after them, so that prices stay text. */
function dollarMath(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  if (src[pos] !== '$' || src[pos + 1] === '$' || isSpace(src[pos + 1])) return false;
  let end = pos + 1;
  for (; ; end += 1) {
    end = src.indexOf('$', end);
    if (end < 0 || end >= state.posMax || end - pos > longestFormula) return false;
    if (src[end - 1] === '\\') continue;
    break;
  }
  if (end === pos + 1 || isSpace(src[end - 1]) || /^\s?\d/.test(src.slice(end + 1, end + 3))) return false;
  if (!silent) push(state, 'math', src.slice(pos + 1, end), false, '$', '$');
  state.pos = end + 1;
  return true;
}

/** In characters. A dollar further away belongs to something else. */
const longestFormula = 2000;

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character);
}

function push(state: StateInline, type: string, content: string, display: boolean, open = '', close = ''): void {
  const token = state.push(type, 'math', 0);
  token.content = content.trim();
  token.info = open + content + close;
  token.meta = { display };
}
