const row = { height: 30, bar: 16 };
const columns = { label: 380, bars: 300, values: 190 };
const margin = { top: 62, bottom: 14, side: 14 };
const width = columns.label + columns.bars + columns.values + 2 * margin.side;

/** A bar's full length stands for this many times better. */
const most = 100;

/** Ids of the figures that are drawn. */
const isDrawn = ({ id, ratio }) => ratio !== null && !/^(cpu|outside) /.test(id);

/**
 * The figures of one model in `bench peers`'s JSON as an SVG: for each how many times better Headway is (to the right) or
 * llama-server (to the left), on a logarithmic scale, and both values. Readable on light and dark pages.
 */
export function peersSvg({ machine, threads }, { name, promptTokens, rows }) {
  const drawn = rows.filter(isDrawn);
  const height = margin.top + drawn.length * row.height + margin.bottom;
  const middle = margin.side + columns.label + columns.bars / 2;
  const title = `Headway beside llama-server: ${name}`;
  const facts = `${machine.cpu}, ${threads} threads, long prompts of ${promptTokens.toLocaleString('en')} tokens, ${machine.date}`;
  const right = middle + columns.bars / 2 + 12;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`${title}. ${drawn.map(spoken).join('. ')}`)}">
<style>
text{font:14px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1f2328}
.t{font-weight:700;font-size:16px}.d{fill:#59636e;font-size:12px}.e{text-anchor:end}
.h{fill:#0969da}.l{fill:#8c959f}line{stroke:#8c959f}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.d{fill:#9198a1}.h{fill:#4493f8}.l{fill:#6e7681}line{stroke:#6e7681}}
</style>
<text class="t" x="${margin.side}" y="22">${escaped(title)}</text>
<text class="d" x="${margin.side}" y="42">${escaped(facts)}</text>
<text class="d e" x="${middle - 8}" y="42">llama-server better</text>
<text class="d" x="${middle + 8}" y="42">Headway better</text>
<text class="d" x="${right}" y="42">llama-server → Headway</text>
<line x1="${middle}" x2="${middle}" y1="${margin.top - 8}" y2="${height - margin.bottom}"/>
${drawn.map((figure, at) => drawRow(figure, margin.top + at * row.height, middle, right)).join('\n')}
</svg>
`;
}

function drawRow(figure, top, middle, right) {
  const times = timesBetter(figure);
  const length = Math.min(1, Math.abs(Math.log(times)) / Math.log(most)) * (columns.bars / 2 - 40);
  const ahead = times >= 1;
  const baseline = top + row.bar - 3;
  const bar = `<rect class="${ahead ? 'h' : 'l'}" x="${n(ahead ? middle : middle - length)}" y="${top}" width="${n(Math.max(1, length))}" height="${row.bar}"/>`;
  const factor = `<text class="d${ahead ? '' : ' e'}" x="${n(ahead ? middle + length + 5 : middle - length - 5)}" y="${baseline}">${shown(ahead ? times : 1 / times)} ×</text>`;
  const values = `${shown(figure.llamaServer)} → ${shown(figure.headway)} ${figure.unit}`;
  return `<text x="${margin.side}" y="${baseline}">${escaped(figure.label)}</text>${bar}${factor}<text x="${right}" y="${baseline}">${escaped(values)}</text>`;
}

const timesBetter = ({ better, ratio }) => (better === 'lower' ? 1 / ratio : ratio);
const spoken = ({ label, unit, llamaServer, headway }) =>
  `${label}: ${shown(llamaServer)} and ${shown(headway)} ${unit}`;
const n = (value) => Number(value.toFixed(1));
const shown = (value) =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));
const escaped = (text) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]);
