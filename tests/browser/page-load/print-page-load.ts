// Prints what a first and a second visit to the demo load, and when they show something: `npm run bench -- page-load`.
import type { Browser } from 'playwright-core';

import { launchBrowser } from '../launch-browser.ts';
import { startScriptedDemo } from '../scripted-demo.ts';
import { bytesOf, measurePageLoad, slow, type PageLoad } from './measure-page-load.ts';

const visits = 5;

const print = (line: string) => process.stdout.write(`${line}\n`);
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

await using demo = await startScriptedDemo({ script: { reply: 'Yes.' } });
const browser = await launchBrowser();
const { first, second } = await visit(browser, demo.gateway.url);
await browser.close();

print('| first load | encoding | over the wire |\n|---|---|--:|');
const files = first[0]?.files.toSorted((one, other) => other.bytes - one.bytes) ?? [];
for (const { path, encoding, bytes } of files) print(`| \`${path}\` | ${encoding ?? 'none'} | ${kilobytes(bytes)} |`);
print('');

print(`Medians of ${visits} visits at ${slow.rate / 1000} kbit/s and ${slow.latencyMs} ms:`);
print('| | first visit | second visit |\n|---|--:|--:|');
const row = (name: string, show: (load: PageLoad) => number, word: (value: number) => string) =>
  print(`| ${name} | ${word(median(first.map(show)))} | ${word(median(second.map(show)))} |`);
row('all files', (load) => bytesOf(load), kilobytes);
for (const kind of ['Script', 'Stylesheet', 'Font', 'Document'])
  row(kind.toLowerCase(), (load) => bytesOf(load, kind), kilobytes);
row('first content', (load) => load.firstContentMs, seconds);
row('usable', (load) => load.usableMs, seconds);
row(
  'layout shift',
  (load) => load.layoutShift,
  (value) => value.toFixed(4),
);

/** Each first visit has an empty cache, and a second one follows it. */
async function visit(browser: Browser, url: string): Promise<{ first: PageLoad[]; second: PageLoad[] }> {
  const first: PageLoad[] = [];
  const second: PageLoad[] = [];
  for (let count = 0; count < visits; count++) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    first.push(await measurePageLoad(context, url, slow));
    second.push(await measurePageLoad(context, url, slow));
    await context.close();
  }
  return { first, second };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
