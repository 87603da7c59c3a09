import cliProgress from 'cli-progress';

import { formatBytes } from './format-size.ts';

export interface DownloadBar {
  /** In bytes. */
  update: (downloaded: number, total: number) => void;
  stop: () => void;
}

/** Shows a download on stderr; where that is no terminal, in two lines. */
export function createDownloadBar(name: string): DownloadBar {
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
        if (!process.stderr.isTTY) process.stderr.write(`downloading ${name}, ${formatBytes(total)}\n`);
        bar.start(total, 0);
      }
      bar.setTotal(total);
      bar.update(downloaded);
    },
    stop() {
      if (!begun) return;
      bar.stop();
      if (!process.stderr.isTTY) process.stderr.write(`downloaded ${name}\n`);
    },
  };
}
