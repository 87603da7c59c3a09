import { createEngine, createIsolatedEngine, llama, type Engine } from '@headway/engine';

import { noticeLines } from '../terminal/banner.ts';
import { openGateway } from './open-gateway.ts';
import { chosenCompute, type ComputeFlags } from '../options/compute-options.ts';
import { createDownloadBars } from '../terminal/download-bar.ts';
import { findModel } from '../models/find-model.ts';
import { foreignText } from '@headway/protocol';
import type { TextGenerator } from './text-generator.ts';
import type { Threads } from '../options/threads-option.ts';
import { wrapFor } from '../terminal/word-wrap.ts';

export interface GeneratorOptions extends ComputeFlags {
  /** A file, an address or a name in the models folder; with `url`, one of the gateway's models. @default the embedded model */
  model?: string | undefined;
  /** A gateway that generates in place of this process. */
  url?: string | undefined;
  /** The key for that gateway. */
  apiKey?: string | undefined;
  /** Slots of an engine in this process. @default 1 */
  parallel?: number | undefined;
  ctx?: number | undefined;
  /** Runs the engine in a process of its own, as `headway serve` does. @default false */
  isolated?: boolean | undefined;
  threads?: Threads | undefined;
  /** Stops the wait for a gateway that is away when it aborts. */
  signal?: AbortSignal | undefined;
}

/** Opens an engine, in this process by default, or a gateway. The model loads in the background: `ready()` waits for it, or throws. */
export async function openGenerator({
  model,
  url,
  apiKey,
  parallel = 1,
  ctx,
  isolated = false,
  threads,
  signal,
  ...flags
}: GeneratorOptions): Promise<TextGenerator> {
  if (url !== undefined) return openGateway({ url, apiKey, signal });
  const settings = { model: findModel(model), threads, ...chosenCompute(flags) };
  const bars = createDownloadBars({ quiet: true });
  const options = { parallel, contextSize: ctx, lazy: true, onDownload: bars.update };
  const engine = isolated
    ? await createIsolatedEngine({ ...options, backend: { llama: settings } })
    : await createEngine({ ...options, backend: llama(settings) });
  bars.stopAfter(engine.ready());
  void printNotices(engine);
  return engine;
}

/** Prints the models' notices on stderr once they are loaded. A failure to load reaches the caller of `generate`. */
async function printNotices(engine: Engine): Promise<void> {
  const models = await engine.ready().then(
    () => engine.models(),
    () => [],
  );
  for (const line of models.flatMap(noticeLines)) {
    process.stderr.write(`${wrapFor(process.stderr, `headway: ${foreignText(line)}`)}\n`);
  }
}
