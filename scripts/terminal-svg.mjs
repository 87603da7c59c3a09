const cell = { width: 8.4, height: 19 };
const padding = 16;
const titleBar = 30;

/** Frames shown for less than this, in ms, are merged with the next to keep the file small. */
const leastMs = 90;

/**
 * Opacity of the progress bar's block characters. They are drawn as rectangles, because fonts differ in their sizes.
 */
const blocks = { '█': 1, '▓': 0.6, '░': 0.22 };

/** An animated SVG of a terminal. With `prefers-reduced-motion` it shows the last frame. */
export function terminalSvg(frames, { cols, rows }) {
  const shown = merge(frames);
  const [width, height] = [cols * cell.width + 2 * padding, rows * cell.height + titleBar + padding];
  const total = shown.reduce((sum, { ms }) => sum + ms, 0);
  let elapsed = 0;
  const steps = shown.map(({ ms }, index) => {
    const step = `${((100 * elapsed) / total).toFixed(2)}%{transform:translateY(${-index * height}px)}`;
    elapsed += ms;
    return step;
  });
  const last = -(shown.length - 1) * height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A terminal: headway models lists the models, headway run reads a document with a moving bar and answers">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#e6e6e6;white-space:pre}
.d{fill:#8f96a3}.b{font-weight:700}rect.k{fill:#6cb6ff}
#film{transform:translateY(${last}px);animation:play ${(total / 1000).toFixed(2)}s step-end infinite}
@keyframes play{${steps.join('')}}
@media(prefers-reduced-motion:reduce){#film{animation:none}}
</style>
<rect width="${width}" height="${height}" rx="9" fill="#15181e"/>
<circle cx="20" cy="16" r="5" fill="#ff5f57"/><circle cx="38" cy="16" r="5" fill="#febc2e"/><circle cx="56" cy="16" r="5" fill="#28c840"/>
<svg width="${width}" height="${height}" overflow="hidden"><g id="film">
${shown.map(({ rows: lines }, index) => `<g transform="translate(${padding} ${index * height + titleBar})">${lines.map(drawRow).join('')}</g>`).join('\n')}
</g></svg>
</svg>
`;
}

/** Merges equal frames, and frames shown for less than `leastMs`, with the next one. */
function merge(frames) {
  const merged = [];
  for (const { rows, ms } of frames) {
    const key = JSON.stringify(rows);
    const last = merged.at(-1);
    if (last && (last.key === key || last.ms < leastMs)) Object.assign(last, { rows, key, ms: last.ms + ms });
    else merged.push({ rows, key, ms });
  }
  return merged;
}

function drawRow(runs, row) {
  return runs
    .flatMap((run) => parts(run))
    .map((part) => drawPart(part, row))
    .join('');
}

/** Splits a run where a bar begins and ends. */
function parts({ text, column, ...style }) {
  let at = column;
  return (text.match(/█+|▓+|░+|[^█▓░]+/g) ?? []).map((part) => {
    const start = at;
    at += part.length;
    return { ...style, text: part, column: start };
  });
}

function drawPart({ text, column, dim, bold }, row) {
  const x = (column * cell.width).toFixed(1);
  const width = (text.length * cell.width).toFixed(1);
  const fill = blocks[text[0]];
  if (fill !== undefined) {
    return `<rect class="k" x="${x}" y="${row * cell.height + 3}" width="${width}" height="13" opacity="${fill}"/>`;
  }
  if (text.trim() === '') return '';
  const style = [dim && 'd', bold && 'b'].filter(Boolean).join(' ');
  const escaped = text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);
  return `<text${style && ` class="${style}"`} x="${x}" y="${row * cell.height + 14}" textLength="${width}">${escaped}</text>`;
}
