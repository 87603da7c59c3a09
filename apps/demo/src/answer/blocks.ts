/** A part of an answer: a paragraph (or a part of a long one), or code between fences of three backticks. */
export type Block =
  | { kind: 'text'; text: string; /** Whether it follows the block before it without a gap. */ continues: boolean }
  | { kind: 'code'; text: string; language: string };

/** The most lines of a block. For each token, a browser computes the layout of the whole last block again. */
const linesTogether = 50;

const fence = /^ {0,3}```+ *([^\s`]*)[^`\n]*$/;

/**
 * Splits an answer at blank lines and fences, so that only its last block renders again. Text after an open fence is code
 * up to the end.
 */
export function parseBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let language: string | null = null;
  let continues = false;

  const close = () => {
    const joined = lines.join('\n');
    lines = [];
    if (language !== null) blocks.push({ kind: 'code', text: joined, language });
    else if (joined !== '') blocks.push({ kind: 'text', text: joined, continues });
    continues = false;
  };

  for (const line of text.split('\n')) {
    const opening = fence.exec(line);
    if (opening) {
      close();
      language = language === null ? (opening[1] ?? '') : null;
    } else if (language === null && line.trim() === '') {
      close();
    } else {
      if (language === null && lines.length === linesTogether) {
        close();
        continues = true;
      }
      lines.push(line);
    }
  }
  close();
  return blocks;
}

/** Splits the lines of a code block into parts of limited height; joined, they are the text. */
export function parseCode(text: string): string[] {
  const lines = text.split(/(?<=\n)/);
  return Array.from({ length: Math.ceil(lines.length / linesTogether) }, (_, at) =>
    lines.slice(at * linesTogether, (at + 1) * linesTogether).join(''),
  );
}

/** A span of a paragraph: plain, or code between single backticks. */
export interface Span {
  text: string;
  code: boolean;
}

export function parseSpans(text: string): Span[] {
  return text
    .split(/`([^`\n]+)`/)
    .map((part, at) => ({ text: part, code: at % 2 === 1 }))
    .filter((span) => span.text !== '');
}
