import cliProgress from 'cli-progress';

import { formatBytes } from './format-size.ts';

export interface DownloadBar {
  /** In bytes. */
  update: (downloaded: number, total: number) => void;
  stop: () => void;
}

/** Shows a download on stderr; where that is no terminal, in two lines, or not at all when `quiet`. */
export function createDownloadBar(name: string, { quiet = false } = {}): DownloadBar {
  const inLines = !process.stderr.isTTY && !quiet;
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
        bar.start(total, 0);
      }
      bar.setTotal(total);
      bar.update(downloaded);
    },
    stop() {
      if (!begun) return;
      bar.stop();
      if (inLines) process.stderr.write(`downloaded ${name}\n`);
    },
  };
}
