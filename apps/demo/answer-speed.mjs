// Measures how the built demo keeps up with long answers: the real page, gateway and connection, and a scripted model.
// npm run answer-speed -- [--tokens 10000] [--rate 300] [prose code paragraph list]
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

import { runnerImport } from 'vite';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: 'string', default: '10000' },
    /** Tokens per second. */
    rate: { type: 'string', default: '300' },
    profile: { type: 'boolean', default: false },
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
for (const kind of positionals.length > 0 ? positionals : Object.keys(kinds))
  results[kind] = await measure(kinds[kind]);
console.log(`${tokens} tokens at ${rate} tokens/s`);
console.table(results);

function repeat(part) {
  const each = part.split(/\s+/).filter(Boolean).length;
  return part.repeat(Math.ceil(tokens / each));
}

async function measure(reply) {
  const engine = await createEngine({ backend: scripted({ script: { reply, decodeTokensPerSecond: rate } }) });
  const gateway = await startGateway({ engine, port: 0, page: `${root}apps/demo/dist` });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    await page.goto(gateway.url);
    await page.getByRole('button', { name: /Ready$/ }).waitFor();
    await page.evaluate(() => {
      window.frames16 = [];
      window.tasks = [];
      let before = 0;
      const frame = (now) => {
        // The time counts from the first render of the answer.
        if (document.querySelector('.markdown')) {
          if (before > 0) window.frames16.push(now - before);
          before = now;
        }
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      new PerformanceObserver((list) => {
        if (window.frames16.length > 0) window.tasks.push(...list.getEntries().map(({ duration }) => duration));
      }).observe({ type: 'longtask' });
    });
    const trace = values.profile ? await startProfile(page) : null;
    const stopTrace = await traceTasks(browser);
    await page.getByRole('textbox', { name: 'Message' }).fill('Write');
    await page.keyboard.press('Enter');
    await page.getByText('finished').waitFor({ timeout: 600_000 });
    // What follows the end counts, too.
    await page.waitForTimeout(1000);
    await trace?.();
    const tasks = await stopTrace();
    const seen = await page.evaluate(() => {
      const frames = window.frames16.toSorted((a, b) => a - b);
      const at = (share) => Math.round((frames[Math.floor(share * (frames.length - 1))] ?? 0) * 10) / 10;
      return {
        characters: document.querySelector('.answer-text').textContent.length,
        frames: frames.length,
        'median frame, ms': at(0.5),
        '95 %': at(0.95),
        'longest frame, ms': at(1),
        'tasks over 50 ms': window.tasks.length,
        'tasks over 100 ms': window.tasks.filter((ms) => ms > 100).length,
        'longest task, ms': Math.round(Math.max(0, ...window.tasks)),
      };
    });
    return {
      ...seen,
      'longest task, processor ms': Math.round(Math.max(...tasks)),
      second: Math.round(tasks.toSorted((a, b) => b - a)[1]),
      'all, s': Math.round(tasks.reduce((a, b) => a + b, 0) / 1000),
    };
  } finally {
    await browser.close();
    await gateway.close();
    await engine.close();
  }
}

/** The tasks of the page's main thread in processor time, which other work on the machine does not lengthen. */
async function traceTasks(browser) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', 'blink.user_timing'] },
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
    const names = new Map();
    for (const e of events)
      if (main.has(`${e.pid}/${e.tid}`) && e.tdur) {
        const n = names.get(e.name) ?? [0, 0, 0];
        names.set(e.name, [n[0] + 1, n[1] + e.tdur / 1000, Math.max(n[2], e.tdur / 1000)]);
      }
    if (values.profile)
      console.table(
        Object.fromEntries(
          [...names]
            .toSorted((a, b) => b[1][1] - a[1][1])
            .slice(0, 22)
            .map(([n, v]) => [n, v.map(Math.round)]),
        ),
      );
    return events
      .filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid}/${tid}`))
      .map(({ tdur = 0 }) => tdur / 1000);
  };
}

/** Prints where the page's time went, by its own functions. */
async function startProfile(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.start');
  return async () => {
    const { profile } = await session.send('Profiler.stop');
    const own = new Map();
    profile.samples.forEach((id, at) => {
      const { callFrame } = profile.nodes.find((node) => node.id === id);
      const name = `${callFrame.functionName || '?'} ${callFrame.url.split('/').at(-1)}:${callFrame.lineNumber}:${callFrame.columnNumber}`;
      own.set(name, (own.get(name) ?? 0) + profile.timeDeltas[at] / 1000);
    });
    console.table(
      [...own]
        .toSorted((a, b) => b[1] - a[1])
        .slice(0, 25)
        .map(([name, ms]) => ({ name, ms: Math.round(ms) })),
    );
  };
}
