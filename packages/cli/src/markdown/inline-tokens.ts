import { Lexer, type Token, type Tokens } from 'marked';

import type { Mark, Span } from './inline-span.ts';

/** Characters that a backslash makes plain. The others, as in `\(` and `\\`, are more often TeX or a path. */
export const escapable = /^[*_`#~|>+!<.-]$/;

/** The tokens of a text within a line. */
export function inlineTokens(text: string): Token[] {
  return Lexer.lexInline(text);
}

/** What a token shows. The address of a link follows its text. */
export function spansOf(token: Token, marks: readonly Mark[] = []): Span[] {
  switch (token.type) {
    case 'strong':
      return children(token as Tokens.Strong, [...marks, 'strong']);
    case 'em':
      return children(token as Tokens.Em, [...marks, 'emphasis']);
    case 'del':
      return token.raw.startsWith('~~')
        ? children(token as Tokens.Del, [...marks, 'deleted'])
        : [{ text: token.raw, marks }];
    case 'codespan':
      return [{ text: codeText(token.raw), marks: [...marks, 'code'] }];
    case 'escape':
      return [{ text: escapable.test(token.raw.slice(1)) ? token.raw.slice(1) : token.raw, marks }];
    case 'link':
      return linkSpans(token as Tokens.Link, marks);
    case 'image':
      return [{ text: (token as Tokens.Image).text, marks }, ...address((token as Tokens.Image).href, marks)];
    default:
      return [{ text: token.raw, marks }];
  }
}

export function spansOfAll(tokens: readonly Token[], marks: readonly Mark[] = []): Span[] {
  return tokens.flatMap((token) => spansOf(token, marks));
}

function children({ tokens }: { tokens?: Token[] }, marks: readonly Mark[]): Span[] {
  return spansOfAll(tokens ?? [], marks);
}

/** An address that stands for itself is shown once. */
function linkSpans(link: Tokens.Link, marks: readonly Mark[]): Span[] {
  if (!link.raw.startsWith('[')) return [{ text: link.raw.replace(/^<(.*)>$/s, '$1'), marks: [...marks, 'address'] }];
  if (link.text === link.href) return [{ text: link.text, marks: [...marks, 'address'] }];
  return [...children(link, marks), ...address(link.href, marks)];
}

function address(href: string, marks: readonly Mark[]): Span[] {
  return href === ''
    ? []
    : [
        { text: ' ', marks },
        { text: `(${href})`, marks: [...marks, 'address'] },
      ];
}

/** The text of a code span: without its backticks, and without one blank on both sides. */
export function codeText(raw: string): string {
  const text = raw.replace(/^(`+)(.*)\1$/s, '$2');
  return /^ .*[^ ].* $/s.test(text) || /^ [^ ] $/.test(text) ? text.slice(1, -1) : text;
}
