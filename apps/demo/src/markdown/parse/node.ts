/** A part of an answer as the page shows it. Nothing in it is markup: text stays text. */
export type MarkdownNode =
  | { kind: 'text'; text: string }
  | { kind: 'break' }
  | { kind: 'element'; tag: ElementTag; start?: number; nodes: MarkdownNode[] }
  | { kind: 'heading'; /** From 3 on: the page has 1 and 2. */ level: 3 | 4 | 5 | 6; nodes: MarkdownNode[] }
  /** The content of a block. It is the same array while its source is the same, so that it renders once. */
  | { kind: 'inline'; nodes: MarkdownNode[] }
  | { kind: 'task'; done: boolean }
  | { kind: 'cell'; head: boolean; align: Align | undefined; nodes: MarkdownNode[] }
  | { kind: 'link'; href: string; title: string; nodes: MarkdownNode[] }
  /** An image is a link, so that the page loads nothing from elsewhere. */
  | { kind: 'image'; href: string; alt: string }
  | { kind: 'code'; text: string; language: string }
  | { kind: 'math'; source: string; display: boolean; /** The formula with its delimiters. */ raw: string };

export type ElementTag =
  | 'p'
  | 'blockquote'
  | 'ul'
  | 'ol'
  | 'li'
  | 'hr'
  | 'table'
  | 'thead'
  | 'tbody'
  | 'tr'
  | 'strong'
  | 'em'
  | 's'
  | 'code';

export type Align = 'left' | 'center' | 'right';
