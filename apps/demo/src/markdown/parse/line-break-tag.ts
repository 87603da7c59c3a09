import type { MarkdownIt } from 'markdown-it';

const tag = /^<br\s*\/?>/i;

/** Lets `<br>` break a line: models write it in table cells, where Markdown has no other way. */
export function addLineBreakTags(parser: MarkdownIt): void {
  parser.inline.ruler.before('autolink', 'line_break_tag', (state, silent) => {
    if (state.src[state.pos] !== '<') return false;
    const match = tag.exec(state.src.slice(state.pos, state.pos + 8));
    if (!match) return false;
    if (!silent) state.push('hardbreak', 'br', 0);
    state.pos += match[0].length;
    return true;
  });
}
