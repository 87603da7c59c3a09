import { isModelAddress, modelIdOf, resolveModel } from '@headway/engine';
import { formatBytes, HeadwayError } from '@headway/protocol';

import { createDownloadBar } from '../terminal/download-bar.ts';
import { untilSignalled } from '../process/until-signalled.ts';

/** Runs `headway models pull`. */
export async function pull(address: string, { dir }: { dir?: string }): Promise<void> {
  if (!isModelAddress(address)) {
    throw new HeadwayError('invalid-request', `${address} is not an address; give hf:user/repo:quant or https://…`);
  }
  await untilSignalled(async (signal) => {
    const bar = createDownloadBar(modelIdOf(address));
    let reached: string | null = null;
    const onProgress = (downloaded: number, total: number) => {
      reached = `${formatBytes(downloaded)} of ${formatBytes(total)}`;
      bar.update(downloaded, total);
    };
    try {
      const path = await resolveModel(address, { folder: dir, onProgress, signal }).finally(() => bar.stop());
      process.stdout.write(`${path}\n`);
    } finally {
      if (signal.aborted && reached !== null) {
        process.stderr.write(`Stopped at ${String(reached)}; run the same command to resume.\n`);
      }
    }
  });
}
