import { createEngine, createModelsEngine, llama, type Engine, type ModelProcessNews } from '@headway/engine';
import type { Logger } from 'pino';

import { chosenTemplate } from '../options/chat-template-options.ts';
import { chosenCompute } from '../options/compute-options.ts';
import { createDownloadBars } from '../terminal/download-bar.ts';
import { embeddedModel } from '../models/embedded-model.ts';
import type { ServeOptions } from './serve-options.ts';

/** Opens the engine of `headway serve`. Its models load in the background: `ready()` waits for them, or throws. */
export async function openServedEngine(
  {
    engine: where,
    model,
    memory,
    ttl,
    parallel,
    ctx,
    maxQueue,
    queueTimeout,
    itlBudget,
    threads,
    prebuilt,
    ...flags
  }: ServeOptions,
  log: Pick<Logger, 'info' | 'error'>,
): Promise<Engine> {
  const settings = { threads, ...(prebuilt && { binary: 'prebuilt' as const }), ...chosenCompute(flags) };
  const [own = embeddedModel(), ...more] = model;
  const first = { ...settings, model: own, chatTemplate: chosenTemplate(flags) };
  const others = more.map((one) => ({ ...settings, model: one }));
  const ttlMs = ttl === undefined ? undefined : ttl * 1000;
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
      ? await createEngine({ ...options, backend: [llama(first), ...others.map(llama)] })
      : await createModelsEngine({
          ...options,
          models: [{ llama: first, ttlMs }, ...others.map((one) => ({ llama: one, ttlMs }))],
          memoryLimit: memory,
          onProcess: (news) => logProcess(news, log),
        });
  bars.stopAfter(engine.ready());
  return engine;
}

function logProcess({ modelId, ...news }: ModelProcessNews, log: Pick<Logger, 'info' | 'error'>): void {
  switch (news.type) {
    case 'started':
      log.info({ model: modelId, enginePid: news.pid }, "the engine's process was started");
      return;
    case 'output':
      log.info({ model: modelId, line: news.line }, "the engine's process said");
      return;
    case 'crashed':
      log.error({ model: modelId, output: news.output, restartMs: news.restartMs }, `the engine ${news.reason}`);
      return;
    default:
      news satisfies never;
  }
}
