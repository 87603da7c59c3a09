/** The text of a Word document's `word/document.xml`: headings, paragraphs, lists and tables, with the marks of Markdown. */
export function docxText(xml: Document): string {
  const body = [...xml.documentElement.children].find((child) => child.localName === 'body');
  if (!body) return '';
  return blocks(body)
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function blocks(parent: Element): string[] {
  return [...parent.children].flatMap((child) => {
    switch (child.localName) {
      case 'p':
        return paragraph(child);
      case 'tbl':
        return table(child);
      // Content controls, text boxes and tracked insertions hold blocks of their own.
      case 'sdt':
      case 'sdtContent':
      case 'ins':
      case 'customXml':
        return blocks(child);
      default:
        return [];
    }
  });
}

function paragraph(element: Element): string[] {
  const text = runs(element).trim();
  if (text === '') return [];
  const properties = childNamed(element, 'pPr');
  const level = /^(?:heading|title)\s*([1-6])?$/i.exec(valueOf(properties, 'pStyle'));
  if (level) return [`${'#'.repeat(Number(level[1] ?? 1))} ${text}`];
  if (!childNamed(properties, 'numPr')) return [text];
  const depth = Number(valueOf(childNamed(properties, 'numPr'), 'ilvl')) || 0;
  return [`${'  '.repeat(depth)}- ${text}`];
}

function runs(parent: Element): string {
  return [...parent.children]
    .map((child) => {
      switch (child.localName) {
        case 't':
          return child.textContent ?? '';
        case 'tab':
          return '\t';
        case 'br':
        case 'cr':
          return '\n';
        case 'noBreakHyphen':
          return '-';
        // Deleted text, the codes of fields, and the fallback beside a drawing's text, which repeats it.
        case 'del':
        case 'instrText':
        case 'Fallback':
        case 'pPr':
        case 'rPr':
          return '';
        default:
          return runs(child);
      }
    })
    .join('');
}

function table(element: Element): string[] {
  const rows = [...element.children]
    .filter((row) => row.localName === 'tr')
    .map((row) =>
      [...row.children]
        .filter((cell) => cell.localName === 'tc')
        .map((cell) => blocks(cell).join(' ').replace(/\s+/g, ' ').replaceAll('|', '\\|')),
    );
  const [head, ...rest] = rows;
  if (!head) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [[line(head), line(head.map(() => '---')), ...rest.map(line)].join('\n')];
}

function childNamed(parent: Element | undefined, name: string): Element | undefined {
  return parent && [...parent.children].find((child) => child.localName === name);
}

/** The attribute `w:val` of a child. */
function valueOf(parent: Element | undefined, name: string): string {
  const child = childNamed(parent, name);
  return child?.getAttribute('w:val') ?? '';
}
