import { createEngine, createIsolatedEngine, llama, type Engine, type ProcessNews } from '@headway/engine';
import type { Logger } from 'pino';

import { createDownloadBars } from '../terminal/download-bar.ts';
import type { ServedLocalModel } from './served-model.ts';
import type { ServeOptions } from './serve-options.ts';

/** Opens the engine of `headway serve`. Its models load in the background: `ready()` waits for them, or throws. */
export async function openServedEngine(
  { engine: where, parallel, ctx, maxQueue, queueTimeout, itlBudget }: ServeOptions,
  [first, ...others]: readonly [ServedLocalModel, ...ServedLocalModel[]],
  log: Pick<Logger, 'info' | 'error'>,
): Promise<Engine> {
  const bars = createDownloadBars();
  const options = {
    parallel,
    contextSize: ctx,
    maxQueue,
    queueTimeoutMs: queueTimeout * 1000,
    itlBudgetMs: itlBudget,
    lazy: true,
    onDownload: bars.update,
  };
  const engine =
    where === 'inline'
      ? await createEngine({ ...options, backend: [llama(first.llama), ...others.map((one) => llama(one.llama))] })
      : await createIsolatedEngine({
          ...options,
          backend: [{ llama: first.llama }, ...others.map((one) => ({ llama: one.llama }))],
          onProcess: (news) => logProcess(news, log),
        });
  bars.stopAfter(engine.ready());
  return engine;
}

function logProcess(news: ProcessNews, log: Pick<Logger, 'info' | 'error'>): void {
  switch (news.type) {
    case 'started':
      log.info({ enginePid: news.pid }, "the engine's process was started");
      return;
    case 'output':
      log.info({ line: news.line }, "the engine's process said");
      return;
    case 'crashed':
      log.error({ output: news.output, restartMs: news.restartMs }, `the engine ${news.reason}`);
      return;
    default:
      news satisfies never;
  }
}
