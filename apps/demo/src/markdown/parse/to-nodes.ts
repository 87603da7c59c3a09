import type { Token } from 'markdown-it';

import { leadsOutside } from './safe-link.ts';
import type { Align, ElementTag, MarkdownNode } from './node.ts';

const elements: Record<string, ElementTag> = {
  paragraph_open: 'p',
  blockquote_open: 'blockquote',
  bullet_list_open: 'ul',
  ordered_list_open: 'ol',
  list_item_open: 'li',
  table_open: 'table',
  thead_open: 'thead',
  tbody_open: 'tbody',
  tr_open: 'tr',
  strong_open: 'strong',
  em_open: 'em',
  s_open: 's',
};

/** Gives the content of a block, which is the same array for the same source where it can be. */
export type ReadInline = (source: string) => MarkdownNode[];

/** Turns tokens into a tree. `tag` of a heading must be the one to show. */
export function toNodes(tokens: readonly Token[], readInline: ReadInline): MarkdownNode[] {
  let at = 0;

  /** Reads up to the end of the element that is open. */
  function readNodes(): MarkdownNode[] {
    const nodes: MarkdownNode[] = [];
    for (let token = tokens[at]; token && token.nesting >= 0; token = tokens[at]) {
      at += 1;
      if (token.nesting === 0) {
        addLeaf(nodes, token);
        continue;
      }
      const inner = readNodes();
      at += 1;
      if (token.type === 'paragraph_open' && token.hidden) nodes.push(...inner);
      else nodes.push(toElement(token, inner));
    }
    return nodes;
  }

  function addLeaf(nodes: MarkdownNode[], token: Token): void {
    if (token.type === 'reference_definition') return;
    if (token.type === 'inline') {
      const task = takesTask(nodes, tokens[at - 2], tokens[at - 3]) ? taskStart.exec(token.content) : null;
      if (task) nodes.push({ kind: 'task', done: task[1] !== ' ' });
      nodes.push({ kind: 'inline', nodes: readInline(token.content.slice(task?.[0].length ?? 0)) });
      return;
    }
    const leaf = toLeaf(token);
    const before = nodes.at(-1);
    // Tokens of text meet where a delimiter turned out to be none.
    if (leaf.kind === 'text' && before?.kind === 'text')
      nodes.splice(-1, 1, { ...leaf, text: before.text + leaf.text });
    else if (leaf.kind !== 'text' || leaf.text !== '') nodes.push(leaf);
  }

  return readNodes();
}

const taskStart = /^\[([ xX])\](?:\s+|$)/;

/** Only the first text of a list's item can be a task. */
function takesTask(nodes: MarkdownNode[], paragraph: Token | undefined, item: Token | undefined): boolean {
  return nodes.length === 0 && paragraph?.type === 'paragraph_open' && item?.type === 'list_item_open';
}

function toElement(token: Token, nodes: MarkdownNode[]): MarkdownNode {
  switch (token.type) {
    case 'heading_open':
      return { kind: 'heading', level: Number(token.tag[1]) as 3 | 4 | 5 | 6, nodes };
    case 'link_open':
      return { kind: 'link', href: attribute(token, 'href'), title: attribute(token, 'title'), nodes };
    case 'th_open':
    case 'td_open':
      return { kind: 'cell', head: token.tag === 'th', align: alignOf(token), nodes };
    default: {
      const start = Number(token.attrGet('start') ?? 1);
      return { kind: 'element', tag: elements[token.type] ?? 'p', ...(start !== 1 && { start }), nodes };
    }
  }
}

function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '');
}

function alignOf(token: Token): Align | undefined {
  const style = token.attrGet('style');
  return (['left', 'center', 'right'] as const).find((align) => style === `text-align:${align}`);
}

function toLeaf(token: Token): MarkdownNode {
  switch (token.type) {
    case 'softbreak':
    case 'hardbreak':
      return { kind: 'break' };
    case 'hr':
      return { kind: 'element', tag: 'hr', nodes: [] };
    case 'code_inline':
      return { kind: 'element', tag: 'code', nodes: [{ kind: 'text', text: token.content }] };
    case 'fence':
      return { kind: 'code', text: withoutLastBreak(token.content), language: languageOf(token.info) };
    case 'code_block':
      return { kind: 'code', text: withoutLastBreak(token.content), language: '' };
    case 'image':
      return toImage(token);
    case 'math':
      return token.content === ''
        ? { kind: 'text', text: token.info }
        : { kind: 'math', source: token.content, display: token.meta?.display === true, raw: token.info };
    // A formula whose end is missing.
    case 'open_math':
      return token.block ? paragraph(token.content) : { kind: 'text', text: token.content };
    default:
      return { kind: 'text', text: token.content };
  }
}

function paragraph(text: string): MarkdownNode {
  return { kind: 'element', tag: 'p', nodes: [{ kind: 'text', text }] };
}

function toImage(token: Token): MarkdownNode {
  const href = attribute(token, 'src');
  return { kind: 'image', href: leadsOutside(href) ? href : '', alt: token.content };
}

/** The first word after the fence, as in "ts title=index.ts". */
function languageOf(info: string): string {
  return /^[^\s{},:]*/.exec(info.trim())?.[0] ?? '';
}

function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
