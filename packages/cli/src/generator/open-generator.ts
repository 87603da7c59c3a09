import { createEngine, llama, type Engine } from '@headway/engine';

import { noticeLines } from '../terminal/banner.ts';
import { connectGateway } from './connect-gateway.ts';
import { createDownloadBars } from '../terminal/download-bar.ts';
import { findModel } from '../models/find-model.ts';
import { foreignText } from '@headway/protocol';
import type { TextGenerator } from './text-generator.ts';
import type { Threads } from '../options/threads-option.ts';
import { wrapFor } from '../terminal/word-wrap.ts';

export interface GeneratorOptions {
  /** A file, an address or a name in the models folder; with `url`, what the gateway calls it. @default the embedded one */
  model?: string | undefined;
  /** Of a gateway that generates instead of this process. */
  url?: string | undefined;
  /** Key for that gateway. */
  apiKey?: string | undefined;
  /** Slots, where this process generates. @default 1 */
  parallel?: number | undefined;
  ctx?: number | undefined;
  threads?: Threads | undefined;
}

/** Opens what generates. It loads in the background: `ready()` tells when it is done, and what is wrong with it. */
export async function openGenerator({
  model,
  url,
  apiKey,
  parallel = 1,
  ctx,
  threads,
}: GeneratorOptions): Promise<TextGenerator> {
  if (url !== undefined) return connectGateway(url, apiKey);
  const backend = llama({ model: findModel(model), threads });
  const bars = createDownloadBars({ quiet: true });
  const engine = await createEngine({ backend, parallel, contextSize: ctx, lazy: true, onDownload: bars.update });
  bars.stopAfter(engine.ready());
  void tellNotices(engine);
  return engine;
}

/** Says on stderr, once the models are loaded, what to know of how they were. Whoever generates hears of a failure. */
async function tellNotices(engine: Engine): Promise<void> {
  const models = await engine.ready().then(
    () => engine.models(),
    () => [],
  );
  for (const line of models.flatMap(noticeLines)) {
    process.stderr.write(`${wrapFor(process.stderr, `headway: ${foreignText(line)}`)}\n`);
  }
}
