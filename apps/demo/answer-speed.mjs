// Measures how the built demo keeps up with long answers: the real page, gateway and connection, and a scripted model.
// npm run answer-speed -- [--tokens 10000] [--rate 300] [prose code paragraph list]
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { runnerImport } from 'vite';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: 'string', default: '10000' },
    /** Tokens per second. */
    rate: { type: 'string', default: '300' },
  },
});
const tokens = Number(values.tokens);
const rate = Number(values.rate);

const root = fileURLToPath(new URL('../..', import.meta.url));
const conditions = ['@headway/source', 'module', 'node'];
const load = async (path) =>
  (await runnerImport(root + path, { root, logLevel: 'error', ssr: { resolve: { conditions } } })).module;
const { createEngine, scripted } = await load('packages/engine/src/index.ts');
const { startGateway } = await load('packages/gateway/src/index.ts');
const { launchBrowser } = await load('tests/browser/launch-browser.ts');

const sentence =
  'The model **reads** a prompt in chunks, and each `chunk` takes *its* time on [this page](https://a.example).';
const line = '  const rest = await readChunk(prompt, { from: 12, size: "large" }); // how long does it take?';
const kinds = {
  prose: repeat(`## A heading\n\n${`${sentence} `.repeat(4)}\n\n- ${sentence}\n- ${sentence}\n\n`),
  code: `\`\`\`ts\n${repeat(`function read(prompt: string) {\n${`${line}\n`.repeat(8)}}\n\n`)}\n\`\`\`\n`,
  paragraph: repeat(`${sentence} `),
  list: repeat(`- ${sentence}\n`),
};

const results = {};
for (const kind of positionals.length > 0 ? positionals : Object.keys(kinds)) {
  results[kind] = { ...(await measure(kinds[kind])), load: loadavg()[0].toFixed(1) };
}
console.log(`${tokens} tokens at ${rate} tokens/s`);
console.table(results);

/** Repeats a text until it has enough tokens, which are words to the scripted model. */
function repeat(text) {
  return text.repeat(Math.ceil(tokens / text.trim().split(/\s+/).length));
}

async function measure(reply) {
  const engine = await createEngine({ backend: scripted({ script: { reply, decodeTokensPerSecond: rate } }) });
  const gateway = await startGateway({ engine, port: 0, page: `${root}apps/demo/dist` });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    await page.goto(gateway.url);
    await page.getByRole('button', { name: /Ready$/ }).waitFor();
    await page.evaluate(watchFrames);
    const stopTrace = await traceTasks(browser);
    await page.getByRole('textbox', { name: 'Message' }).fill('Write');
    await page.keyboard.press('Enter');
    await page.getByText('finished').waitFor({ timeout: 600_000 });
    // The last colours come after the end, and count.
    await page.waitForTimeout(1000);
    const processor = await stopTrace();
    const { characters, frames, tasks } = await page.evaluate(() => ({
      characters: document.querySelector('.answer-text').textContent.length,
      frames: globalThis.frameTimes.toSorted((a, b) => a - b),
      tasks: globalThis.longTasks,
    }));
    const frameAt = (share) => Number(frames[Math.floor(share * (frames.length - 1))].toFixed(1));
    return {
      characters,
      'median frame, ms': frameAt(0.5),
      '95 %': frameAt(0.95),
      'tasks over 50 ms': tasks.filter((ms) => ms > 50).length,
      'over 100 ms': tasks.filter((ms) => ms > 100).length,
      'longest, ms': Math.round(Math.max(0, ...tasks)),
      'longest, processor ms': Math.round(Math.max(0, ...processor)),
    };
  } finally {
    await browser.close();
    await gateway.close();
    await engine.close();
  }
}

/** Runs in the page: notes frames and long tasks from the first render of the answer on. */
function watchFrames() {
  globalThis.frameTimes = [];
  globalThis.longTasks = [];
  let before = 0;
  const frame = (now) => {
    if (document.querySelector('.markdown')) {
      if (before > 0) globalThis.frameTimes.push(now - before);
      before = now;
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    if (globalThis.frameTimes.length > 0)
      globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask' });
}

/** The tasks of the page's main thread in processor time, which other work on the machine does not lengthen. */
async function traceTasks(browser) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel'] },
  });
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    const main = new Set(
      events
        .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${pid}/${tid}`),
    );
    return events
      .filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid}/${tid}`))
      .map(({ tdur = 0 }) => tdur / 1000);
  };
}
