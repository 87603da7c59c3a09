// Makes docs/images/demo-reading.png: the built demo while the embedded model reads a long document. Model, counts and
// speeds are real. The script holds back later events, so that the page does not change during the screenshot.
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createEngine, llama } from '../../packages/engine/src/index.ts';
import { startGateway } from '../../packages/gateway/src/index.ts';
import { launchBrowser } from '../../tests/browser/launch-browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const picture = `${root}docs/images/demo-reading.png`;
/** The share of the prompt that the picture shows as read. */
const share = 0.5;

const model = `${root}models/storyteller/storyteller.gguf`;
const engine = await createEngine({ backend: llama({ model, threads: 1 }) });
const gateway = await startGateway({ engine, port: 0, page: `${root}apps/demo/dist` });
const browser = await launchBrowser();
const page = await browser.newPage({
  viewport: { width: 1120, height: 700 },
  deviceScaleFactor: 2,
  colorScheme: 'light',
});
await page.routeWebSocket(/\/trpc/, holdAt(share));
await page.goto(gateway.url);
await page.getByRole('button', { name: /Ready$/ }).waitFor();

await send('What is this about?', [['apps/demo/public/how-a-model-reads.txt', 3700]]);
await page.getByText('finished').waitFor();
await send('What do these two say about waiting?', [
  ['docs/architecture.md', 6000],
  ['docs/protocol.md', 6000],
]);
await page.waitForFunction((least) => {
  const bar = document.querySelector('.exchange:last-child [aria-valuenow]');
  return bar && Number(bar.getAttribute('aria-valuenow')) >= least * Number(bar.getAttribute('aria-valuemax'));
}, share);
await mkdir(dirname(picture), { recursive: true });
await page.screenshot({ path: picture, animations: 'disabled' });

await browser.close();
await gateway.close();
await engine.close();

/** Sends a message with documents, each cut to a length, so that all of them fit into the model's context. */
async function send(text, documents) {
  const files = await Promise.all(
    documents.map(async ([path, length]) => {
      const content = (await readFile(root + path, 'utf8')).slice(0, length);
      return { name: basename(path), mimeType: 'text/plain', buffer: Buffer.from(content) };
    }),
  );
  await page.locator('input[type=file]').setInputFiles(files);
  await page
    .getByRole('button', { name: /^Remove/ })
    .nth(files.length - 1)
    .waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
}

/** Passes events to the page until `least` of the second prompt is read. */
function holdAt(least) {
  return (socket) => {
    let held = false;
    let ended = 0;
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!held) socket.send(message);
      const event = JSON.parse(String(message)).result?.data?.data;
      if (event?.type === 'done') ended += 1;
      if (ended === 1 && event?.type === 'prefill' && event.processed >= least * event.total) held = true;
    });
  };
}
