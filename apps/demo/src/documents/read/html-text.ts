/** Elements whose content is no text for a reader. */
const dropped = new Set(
  'SCRIPT STYLE NOSCRIPT TEMPLATE HEAD TITLE SVG MATH CANVAS IFRAME OBJECT AUDIO VIDEO BUTTON INPUT SELECT TEXTAREA NAV DIALOG'.split(
    ' ',
  ),
);

/** Elements that begin and end a paragraph of their own. */
const blocks = new Set(
  'P DIV SECTION ARTICLE MAIN HEADER FOOTER ASIDE FIGURE FIGCAPTION ADDRESS FORM FIELDSET DETAILS SUMMARY DL DT DD UL OL LI BLOCKQUOTE PRE TABLE HR H1 H2 H3 H4 H5 H6 BODY'.split(
    ' ',
  ),
);

/**
 * The readable text of an HTML page, with the marks of Markdown for what a reader sees: headings, lists, tables, links,
 * quotes and code. Scripts, styles, navigation, controls and hidden elements are left out. `page` is parsed and never
 * rendered, so nothing of it runs or loads.
 */
export function htmlToText(page: Document): string {
  const title = page.title.trim();
  const { body } = page;
  const text = finish(content(body, { list: '', table: false }));
  return title === '' || body.querySelector('h1') ? text : `# ${title}\n\n${text}`.trim();
}

interface Inside {
  /** Indentation of a list's items. */
  list: string;
  /** Within a cell, where line breaks would end the row. */
  table: boolean;
}

function content(parent: Element, inside: Inside): string {
  return [...parent.childNodes].map((node) => nodeText(node, inside)).join('');
}

function nodeText(node: Node, inside: Inside): string {
  if (node.nodeType === node.TEXT_NODE) return (node.nodeValue ?? '').replace(/[\s\u00a0]+/g, ' ');
  if (node.nodeType !== node.ELEMENT_NODE) return '';
  const element = node as Element;
  const name = element.tagName.toUpperCase();
  if (dropped.has(name) || element.hasAttribute('hidden') || element.getAttribute('aria-hidden') === 'true') return '';
  const text = elementText(element, name, inside);
  if (!blocks.has(name)) return text;
  return inside.table ? ` ${text} ` : `\n\n${text}\n\n`;
}

function elementText(element: Element, name: string, inside: Inside): string {
  switch (name) {
    case 'BR':
      return inside.table ? ' ' : '\n';
    case 'HR':
      return '---';
    case 'IMG': {
      const alt = element.getAttribute('alt')?.trim() ?? '';
      return alt === '' ? '' : `[image: ${alt}]`;
    }
    case 'H1':
    case 'H2':
    case 'H3':
    case 'H4':
    case 'H5':
    case 'H6':
      return `${'#'.repeat(Number(name[1]))} ${oneLine(content(element, { ...inside, table: true }))}`;
    case 'A':
      return link(content(element, inside), element.getAttribute('href') ?? '');
    case 'CODE':
    case 'KBD':
    case 'SAMP': {
      const code = element.textContent ?? '';
      return code.trim() === '' || code.includes('`') ? code : `\`${oneLine(code)}\``;
    }
    case 'PRE':
      return inside.table
        ? oneLine(element.textContent ?? '')
        : keep(`\`\`\`\n${(element.textContent ?? '').replace(/\n$/, '')}\n\`\`\``);
    case 'BLOCKQUOTE':
      return inside.table ? content(element, inside) : keep(prefixLines(finish(content(element, inside)), '> '));
    case 'UL':
    case 'OL':
      return inside.table ? content(element, inside) : listText(element, name === 'OL', inside);
    case 'TABLE':
      return inside.table ? content(element, inside) : tableText(element);
    case 'DD':
      return `: ${content(element, inside).trim()}`;
    default:
      return content(element, inside);
  }
}

/** A link keeps its address where that tells something: on the web, and not the text itself. */
function link(text: string, address: string): string {
  const label = oneLine(text);
  return label !== '' && /^https?:\/\//i.test(address) && label !== address ? `[${label}](${address})` : text;
}

function listText(list: Element, numbered: boolean, inside: Inside): string {
  let number = Number(list.getAttribute('start') ?? 1) || 1;
  const items = [...list.children].flatMap((item) => {
    if (item.tagName.toUpperCase() !== 'LI') return [];
    const mark = numbered ? `${number++}. ` : '- ';
    const lines = finish(content(item, inside))
      .replace(/\n{2,}/g, '\n')
      .split('\n');
    return lines.map((line, at) => (at === 0 ? mark : ' '.repeat(mark.length)) + line).join('\n');
  });
  return keep(items.join('\n'));
}

function tableText(table: Element): string {
  const rows = [...table.querySelectorAll('tr')]
    .filter((row) => row.closest('table') === table)
    .map((row) =>
      [...row.children].map((cell) => oneLine(content(cell, { list: '', table: true })).replaceAll('|', '\\|')),
    )
    .filter((cells) => cells.some((cell) => cell !== ''));
  const [head, ...rest] = rows;
  if (!head) return '';
  // One column is layout, not a table.
  if (rows.every((cells) => cells.length === 1)) return keep(rows.map(([cell]) => cell).join('\n'));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const caption = oneLine(table.querySelector('caption')?.textContent ?? '');
  const lines = [line(head), line(head.map(() => '---')), ...rest.map(line)];
  return keep(caption === '' ? lines.join('\n') : `${caption}\n\n${lines.join('\n')}`);
}

function oneLine(text: string): string {
  return finish(text).replace(/\s+/g, ' ').trim();
}

function prefixLines(text: string, prefix: string): string {
  return text
    .split('\n')
    .map((line) => (prefix + line).trimEnd())
    .join('\n');
}

/** Marks spaces and line breaks as they are, so that `finish` keeps them. */
function keep(text: string): string {
  return text.replaceAll(' ', keptSpace).replaceAll('\n', keptBreak);
}

const keptSpace = '\ue000';
const keptBreak = '\ue001';

/** Ends a part whose spaces are collapsed, and marked ones kept. */
function finish(text: string): string {
  return text
    .replace(/ {2,}/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .replaceAll(keptSpace, ' ')
    .replaceAll(keptBreak, '\n')
    .trim();
}
