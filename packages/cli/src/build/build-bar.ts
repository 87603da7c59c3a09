import type { BuildProgress } from '@headway/engine';
import cliProgress from 'cli-progress';

import { canDraw } from '../terminal/stream-colors.ts';

const steps: Record<BuildProgress['step'], string> = {
  copy: 'copying the source',
  configure: 'configuring',
  compile: 'compiling',
  texts: 'comparing texts with the prebuilt binary',
  speed: 'comparing speed with the prebuilt binary',
};

/** Without a terminal, a line is printed when this much more of a step is done. */
const lineShare = 0.25;

export interface BuildBar {
  update: (progress: BuildProgress) => void;
  stop: () => void;
}

/** Shows a build on stderr: a bar for each step, or lines where there is no terminal. */
export function createBuildBar(): BuildBar {
  const draws = canDraw(process.stderr);
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    format: (options, { progress }, { step, share, began }) => {
      const words = [steps[step as BuildProgress['step']], seconds(Number(began))];
      return share === null
        ? words.join(', ')
        : `${words[0]} ${cliProgress.Format.BarFormat(progress, options)} ${Math.floor(progress * 100)} %, ${words[1]}`;
    },
  });
  const began = performance.now();
  let open = false;
  let shown: { step: string; share: number } | null = null;
  return {
    update({ step, share }) {
      if (draws) {
        const payload = { step, share, began };
        if (open) bar.update(share ?? 0, payload);
        else bar.start(1, share ?? 0, payload);
        open = true;
        return;
      }
      const reached = share ?? 0;
      if (shown?.step === step && reached < shown.share + lineShare) return;
      shown = { step, share: reached };
      const percent = share ? `, ${Math.floor(share * 100)} %` : '';
      process.stderr.write(`${steps[step]}${percent}\n`);
    },
    stop() {
      if (open) bar.stop();
      open = false;
    },
  };
}

function seconds(began: number): string {
  return `${Math.round((performance.now() - began) / 1000)} s`;
}
