// Makes the page's font out of Inter, whole in the package inter-ui: `npm run subset-font` in apps/demo, after a change
// here or of Inter. The same input gives the same bytes.
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';

const inter = fileURLToPath(import.meta.resolve('inter-ui/variable/InterVariable.woff2'));
const licence = fileURLToPath(import.meta.resolve('inter-ui/LICENSE.txt'));
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

function range(first, last) {
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, at) => first + at));
}

const latin = range(0x20, 0x7e) + range(0xa0, 0x17f) + 'ȘșȚțẞ';
const punctuation = '‐‑‒–—―‘’‚“”„†‡•…‰′″‹›⁄';
const signs = '€™−×÷≈≠≤≥∞√π₀₁₂₃₄₅₆₇₈₉⁴⁵⁶⁷⁸⁹·✓✗';
const arrows = '←↑→↓↔↵⇒⌘';

const font = await subsetFont(await readFile(inter), latin + punctuation + signs + arrows, {
  targetFormat: 'woff2',
  // The text cut for all sizes, from regular to bold.
  variationAxes: { wght: { min: 400, max: 700, default: 400 }, opsz: 14 },
  // Without `calt`, which shows "->" as an arrow that nobody wrote.
  keepFeatures: ['kern', 'mark', 'mkmk', 'ccmp', 'locl', 'tnum'],
  noHinting: true,
});
await writeFile(here('inter.woff2'), font);
await copyFile(licence, here('LICENSE.txt'));
process.stdout.write(`inter.woff2: ${font.length} bytes\n`);
