import type { Token } from 'marked';

import { type Span, plainSpan } from './inline-span.ts';
import { codeText, escapable, inlineTokens, spansOf } from './inline-tokens.ts';

/** A character with which something other than plain text may begin. */
export const mayBegin = /[\\`*_~[!<]/;

/** Text is held back for a mark's end for no longer than so many UTF-16 units; then the mark is plain text. */
const longest = { code: 300, emphasis: 240, linkText: 240, link: 1200, address: 300 } as const;

/** Text with more runs of one delimiter is no emphasis; to look for it would take long. */
const mostRuns = 16;

export interface InlineStep {
  /** How much of the text the spans are for, in UTF-16 units. */
  length: number;
  spans: Span[];
}

/**
 * Reads what begins with the first character of `held`, one of `mayBegin`. Null when more text has to arrive first.
 *
 * @param before the character before it; empty at the beginning of a line
 * @param complete whether the line ends after `held`
 */
export function readInline(held: string, before: string, complete: boolean): InlineStep | null {
  switch (held[0]) {
    case '\\':
      return readEscape(held, complete);
    case '`':
      return readCode(held, complete);
    case '!':
      if (held.length === 1 && !complete) return null;
      return held[1] === '[' ? readLink(held, complete) : literal(held, 1);
    case '[':
      return readLink(held, complete);
    case '<':
      return readAddress(held, complete);
    default:
      return readEmphasis(held, before, complete);
  }
}

function literal(held: string, length: number): InlineStep {
  return { length, spans: [plainSpan(held.slice(0, length))] };
}

function shown(token: Token): InlineStep {
  return { length: token.raw.length, spans: spansOf(token) };
}

function readEscape(held: string, complete: boolean): InlineStep | null {
  const [, next] = held;
  if (next === undefined) return complete ? literal(held, 1) : null;
  if (escapable.test(next)) return { length: 2, spans: [plainSpan(next)] };
  return literal(held, /[\p{P}\p{S}]/u.test(next) ? 2 : 1);
}

function readCode(held: string, complete: boolean): InlineStep | null {
  const ticks = /^`+/.exec(held)?.[0].length ?? 1;
  if (held.length === ticks && !complete) return held.length < longest.code ? null : literal(held, ticks);
  const end = closingTicks(held, ticks);
  if (end !== null && (end < held.length || complete)) {
    return { length: end, spans: [{ text: codeText(held.slice(0, end)), marks: ['code'] }] };
  }
  return complete || held.length > longest.code ? literal(held, ticks) : null;
}

/** Where the run that closes a code span ends: the next one of the same length. */
function closingTicks(held: string, ticks: number): number | null {
  for (const { 0: run, index } of held.slice(ticks).matchAll(/`+/g)) {
    if (run.length === ticks) return ticks + index + run.length;
  }
  return null;
}

function readEmphasis(held: string, before: string, complete: boolean): InlineStep | null {
  const delimiter = held[0] ?? '';
  const run = held.length - held.replace(delimiter === '*' ? /^\*+/ : delimiter === '_' ? /^_+/ : /^~+/, '').length;
  const next = held[run];
  if (next === undefined && !complete) return held.length < longest.emphasis ? null : literal(held, run);
  const withinWord = /[\p{L}\p{N}]/u.test(before);
  const asWord = delimiter === '_' ? withinWord : /[\dA-Za-z)\]]/.test(before) && /[\dA-Za-z(]/.test(next ?? '');
  // `2*3*4` and `snake_case` are no emphasis, and `~5` is about 5.
  if (next === undefined || /\s/.test(next) || asWord || (delimiter === '~' && run !== 2)) return literal(held, run);
  const runs = held.split(delimiter === '*' ? /\*+/ : delimiter === '_' ? /_+/ : /~+/).length - 1;
  if (runs > mostRuns) return literal(held, run);
  // Where no run has just ended, nothing can be decided that was not before.
  const ended = held.at(-2) === delimiter && held.at(-1) !== delimiter;
  const atLimit = complete || held.length > longest.emphasis;
  const [first] = runs > 1 && (ended || atLimit) ? inlineTokens(held) : [];
  if (first && /^(strong|em|del)$/.test(first.type)) {
    // One more character tells that the closing run is over, and an open backtick may take it into code.
    const after = held[first.raw.length];
    const decided = after !== undefined && after !== delimiter && !hasOpenTick(first);
    if (decided || atLimit) return shown(first);
  }
  return atLimit ? literal(held, run) : null;
}

function hasOpenTick(token: Token): boolean {
  if (token.type === 'text') return token.raw.includes('`');
  return 'tokens' in token && token.tokens !== undefined && token.tokens.some(hasOpenTick);
}

/** Links and images. */
function readLink(held: string, complete: boolean): InlineStep | null {
  const from = held[0] === '!' ? 2 : 1;
  const end = closingBracket(held, from);
  if (end === null) return complete || held.length > longest.linkText ? literal(held, from) : null;
  const next = held[end + 1];
  if (next === undefined && !complete) return null;
  if (next !== '(') return literal(held, from);
  const target = held.slice(end + 2);
  // Words in brackets are no address.
  if (/^[^)\s]*\s+[^\s"'(]/.test(target)) return literal(held, from);
  const [first] = target.includes(')') ? inlineTokens(held) : [];
  if (first && (first.type === 'link' || first.type === 'image') && first.raw.length > end) return shown(first);
  return complete || held.length > longest.link ? literal(held, from) : null;
}

/** The place of the bracket that closes the one before `from`. */
function closingBracket(held: string, from: number): number | null {
  let depth = 1;
  for (let at = from; at < held.length; at += 1) {
    if (held[at] === '\\') at += 1;
    else if (held[at] === '[') depth += 1;
    else if (held[at] === ']' && (depth -= 1) === 0) return at;
  }
  return null;
}

/** An address in angle brackets. Other tags are text. */
function readAddress(held: string, complete: boolean): InlineStep | null {
  if (!/^<(?:$|[a-z])/i.test(held) || /[\s<]/.test(held.slice(1))) return literal(held, 1);
  if (!held.includes('>')) return complete || held.length > longest.address ? literal(held, 1) : null;
  const [first] = inlineTokens(held);
  return first?.type === 'link' ? shown(first) : literal(held, 1);
}
