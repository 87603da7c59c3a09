import type { DownloadProgress } from '@headway/engine';
import cliProgress from 'cli-progress';

import { canDraw } from './stream-colors.ts';
import { foreignText, formatBytes } from '@headway/protocol';

export interface DownloadBar {
  /** In bytes. */
  update: (downloaded: number, total: number) => void;
  stop: () => void;
}

/** Shows a download on stderr. Without a terminal it prints two lines, or nothing if `quiet`. */
export function createDownloadBar(modelId: string, { quiet = false } = {}): DownloadBar {
  const name = foreignText(modelId);
  const draws = canDraw(process.stderr);
  const inLines = !draws && !quiet;
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    format: (options, { progress, value, total, eta }) =>
      `${name} ${cliProgress.Format.BarFormat(progress, options)} ${formatBytes(value)} of ${formatBytes(total)}, ${Math.round(eta)} s to go`,
  });
  let begun = false;
  return {
    update(downloaded, total) {
      if (!begun) {
        begun = true;
        if (inLines) process.stderr.write(`downloading ${name}, ${formatBytes(total)}\n`);
        if (draws) bar.start(total, 0);
      }
      if (!draws) return;
      bar.setTotal(total);
      bar.update(downloaded);
    },
    stop() {
      if (!begun) return;
      if (draws) bar.stop();
      if (inLines) process.stderr.write(`downloaded ${name}\n`);
    },
  };
}

export interface DownloadBars {
  update: (progress: DownloadProgress) => void;
  /** Removes the bars once the promise settles, for example when a download failed. */
  stopAfter: (loaded: Promise<void>) => void;
}

/** Shows one bar for each model that downloads. */
export function createDownloadBars(options: { quiet?: boolean } = {}): DownloadBars {
  const bars = new Map<string, DownloadBar>();
  const stop = (modelId: string, bar: DownloadBar) => {
    bar.stop();
    bars.delete(modelId);
  };
  return {
    update({ modelId, downloaded, total }) {
      const bar = bars.get(modelId) ?? createDownloadBar(modelId, options);
      bars.set(modelId, bar);
      bar.update(downloaded, total);
      if (downloaded >= total) stop(modelId, bar);
    },
    stopAfter(loaded) {
      const stopAll = () => bars.forEach((bar, modelId) => stop(modelId, bar));
      loaded.then(stopAll, stopAll);
    },
  };
}
