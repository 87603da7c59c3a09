import type { Env, Token } from 'markdown-it';

import { completeCode, completeTail } from './complete-tail.ts';
import type { MarkdownNode } from './node.ts';
import { setHeadings, type Outline } from './outline.ts';
import { parser } from './parser.ts';
import { toNodes } from './to-nodes.ts';

/** A block of the top level: a paragraph, a whole list, a table, code. */
export interface Block {
  /** The offset of its source, which never changes. */
  start: number;
  source: string;
  nodes: MarkdownNode[];
}

type References = NonNullable<Env['references']>;

interface SettledBlock extends Block {
  /** The outline before it. */
  outline: Outline;
}

/**
 * Reads an answer that grows. A block before the last one is parsed once and stays the same object; only the last one is
 * parsed again with each text. What it returns for a whole text does not depend on the texts before it.
 */
export function createReader() {
  let settled: SettledBlock[] = [];
  let settledText = '';
  let outline: Outline = [];
  /** Those defined in settled blocks. */
  let references: References = {};
  /** All that the settled blocks were parsed with. */
  let known = '';
  let inlines = new Map<string, MarkdownNode[]>();

  function reset(): void {
    settled = [];
    settledText = '';
    outline = [];
    references = {};
    known = '';
    inlines = new Map();
  }

  return function read(written: string, live: boolean): Block[] {
    const text = written.includes('\r') ? written.replace(/\r\n?/g, '\n') : written;
    if (!text.startsWith(settledText)) reset();
    const tail = text.slice(settledText.length);
    const tailEnv: Env = { references: { ...references } };
    const pieces = splitBlocks(tail, tailEnv);
    const all = tailEnv.references ?? {};

    const keep = countSettled(pieces, tail);
    const added: SettledBlock[] = [];
    for (const { start, end } of pieces.slice(0, keep)) {
      const source = tail.slice(start, end);
      const env: Env = { references };
      const before = outline;
      const tokens: Token[] = [];
      parser.block.parse(source, parser, env, tokens);
      outline = setHeadings(tokens, outline);
      references = env.references ?? references;
      const nodes = toNodes(tokens, (content) => readInline(content, all, false));
      added.push({ start: settledText.length, source, nodes, outline: before });
      settledText += source;
    }
    if (added.length > 0) settled = [...settled, ...added];

    const now = Object.keys(all).length === 0 ? '' : JSON.stringify(all);
    if (now !== known) {
      settled = settled.map((block) => (block.source.includes('[') ? parseAgain(block, all) : block));
      known = now;
    }
    return [...settled, ...readOpen(text, pieces.slice(keep), tail, all, live)];
  };

  function readOpen(text: string, pieces: Piece[], tail: string, all: References, live: boolean): Block[] {
    const base = text.length - tail.length;
    const before = inlines;
    inlines = new Map();
    let openOutline = outline;
    return pieces.flatMap(({ start, end, type }, at): Block[] => {
      const last = live && at === pieces.length - 1;
      const raw = tail.slice(start, end);
      const source = last ? (type === 'fence' ? completeCode(raw) : completeTail(raw)) : raw;
      const tokens: Token[] = [];
      parser.block.parse(source, parser, { references: { ...all } }, tokens);
      openOutline = setHeadings(tokens, openOutline);
      const nodes = toNodes(tokens, (content) => {
        const key = `${last}${known}${content}`;
        const inline = before.get(key) ?? readInline(content, all, last);
        inlines.set(key, inline);
        return inline;
      });
      return nodes.length === 0 ? [] : [{ start: base + start, source, nodes }];
    });
  }
}

function readInline(content: string, references: References, live: boolean): MarkdownNode[] {
  const [inline] = parser.parseInline(content, { references, live });
  return toNodes(inline?.children ?? [], () => []);
}

function parseAgain(block: SettledBlock, references: References): SettledBlock {
  const tokens: Token[] = [];
  parser.block.parse(block.source, parser, {}, tokens);
  setHeadings(tokens, block.outline);
  return { ...block, nodes: toNodes(tokens, (content) => readInline(content, references, false)) };
}

interface Piece {
  start: number;
  end: number;
  /** Where its first line is, after what belongs to no block: blank lines and the definitions of links. */
  firstLine: number;
  type: string;
}

/** Splits a text into its blocks; joined, they are the text. */
function splitBlocks(text: string, env: Env): Piece[] {
  const tokens: Token[] = [];
  parser.block.parse(text, parser, env, tokens);
  const tops = tokens.filter(
    ({ type, level, nesting }) => level === 0 && nesting >= 0 && type !== 'reference_definition',
  );
  if (tops.length === 0) return text === '' ? [] : [{ start: 0, end: text.length, firstLine: 0, type: '' }];
  const lines = lineStarts(text);
  let start = 0;
  return tops.map((token, at) => {
    const end = at === tops.length - 1 ? text.length : (lines[token.map?.[1] ?? 0] ?? text.length);
    const piece = { start, end, firstLine: token.map?.[0] ?? 0, type: token.type };
    start = end;
    return piece;
  });
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * How many blocks no further text can change: those before a block whose first line is whole. A table takes two lines to
 * be one.
 */
function countSettled(pieces: Piece[], text: string): number {
  const wholeLines = text.split('\n').length - 1;
  const isCertain = ({ firstLine, type }: Piece) => firstLine + (type === 'table_open' ? 1 : 0) < wholeLines;
  return Math.max(0, pieces.findLastIndex(isCertain));
}
