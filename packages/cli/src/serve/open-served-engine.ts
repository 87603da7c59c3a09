import {
  createModelsEngine,
  llama,
  remote,
  type Engine,
  type ModelProcessNews,
  type ServedModel as EngineModel,
} from '@headway/engine';
import { HeadwayError } from '@headway/protocol';
import type { Logger } from 'pino';

import { createDownloadBars } from '../terminal/download-bar.ts';
import type { ServePlan } from './plan-serve.ts';
import type { NamedModel } from './name-models.ts';

/** Opens the engine of `headway serve`. Its models load in the background: `ready()` waits for them, or throws. */
export async function openServedEngine(
  { engine: where, memory, parallel, maxQueue, queueTimeout, itlBudget }: ServePlan['options'],
  models: readonly [NamedModel, ...NamedModel[]],
  log: Pick<Logger, 'info' | 'error'>,
): Promise<Engine> {
  refuseUnlessIsolated(where, memory, models);
  const bars = createDownloadBars();
  const [first, ...others] = models;
  const open = (model: NamedModel) => engineModel(model, where);
  const engine = await createModelsEngine({
    models: [open(first), ...others.map(open)],
    memoryLimit: memory,
    parallel,
    maxQueue,
    queueTimeoutMs: queueTimeout * 1000,
    itlBudgetMs: itlBudget,
    lazy: true,
    onDownload: bars.update,
    onProcess: (news) => logProcess(news, log),
  });
  bars.stopAfter(engine.ready());
  return engine;
}

function engineModel(model: NamedModel, where: ServePlan['options']['engine']): EngineModel {
  if (model.kind === 'upstream') {
    const { id, upstreams, contextSize } = model;
    const [first, ...others] = upstreams;
    if (!first) throw new HeadwayError('internal', `${id} has no upstream`);
    return { backend: remote({ modelId: id, upstreams: [first, ...others], contextSize }) };
  }
  const { llama: options, parallel, contextSize, ttlMs } = model;
  return where === 'inline'
    ? { backend: llama(options), parallel, contextSize }
    : { llama: options, parallel, contextSize, ttlMs };
}

/** @throws HeadwayError `invalid-request` for models on demand without a process each */
function refuseUnlessIsolated(
  where: ServePlan['options']['engine'],
  memory: number | undefined,
  models: readonly NamedModel[],
): void {
  const ttl = models.some((model) => model.kind === 'local' && model.ttlMs !== undefined);
  if (where === 'isolated' || (memory === undefined && !ttl)) return;
  throw new HeadwayError(
    'invalid-request',
    `${memory === undefined ? '--ttl' : '--memory'}: only models with a process of their own can be unloaded; leave out --engine inline`,
  );
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
