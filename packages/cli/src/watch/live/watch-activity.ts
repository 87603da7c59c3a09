import { setTimeout as sleep } from 'node:timers/promises';

import type { HeadwayClient } from '@headway/client';
import { abortable, isHeadwayError } from '@headway/protocol';

import { colorsFor } from '../../terminal/stream-colors.ts';
import { drawActivity, type Look } from './draw-activity.ts';
import { paint } from './line.ts';
import { LiveScreen } from './live-screen.ts';

/** Time between two looks at the gateway, in ms. */
const everyMs = 1000;
/** A gateway that takes longer to answer than this counts as silent, in ms. */
const patienceMs = 3000;

/**
 * Shows all that a gateway does on the terminal, redrawn in place, until the signal aborts or the user presses q. Then the
 * last picture stays below the command.
 *
 * @throws HeadwayError when the gateway does not answer at the start, or refuses the key
 */
export async function watchActivity(gateway: HeadwayClient, signal: AbortSignal): Promise<void> {
  let look = await lookAt(gateway);
  let answered = performance.now();
  const quit = new AbortController();
  const over = AbortSignal.any([signal, quit.signal]);
  const colors = colorsFor(process.stdout);
  const paintedLines = (rows: number) => {
    const silentMs = performance.now() - answered;
    const { columns } = screen.size;
    const drawn = drawActivity({ ...look, silentMs: silentMs > patienceMs ? silentMs : null }, { columns, rows });
    return drawn.map((line) => paint(line, colors));
  };
  const redraw = () => screen.draw(paintedLines(screen.size.rows));
  const screen = new LiveScreen({
    output: process.stdout,
    input: process.stdin,
    onResize: redraw,
    onQuit: () => quit.abort(),
  });
  // Also while the gateway is silent.
  const redrawing = setInterval(redraw, everyMs);
  let last: string[];
  try {
    redraw();
    for (;;) {
      await sleep(everyMs, undefined, { signal: over });
      try {
        look = await abortable(lookAt(gateway), over);
        answered = performance.now();
        redraw();
      } catch (thrown) {
        if (!isAway(thrown)) throw thrown;
      }
    }
  } catch (thrown) {
    if (!over.aborted) throw thrown;
  } finally {
    clearInterval(redrawing);
    last = paintedLines(Number.POSITIVE_INFINITY);
    screen.close();
  }
  process.stdout.write(last.map((line) => `${line}\n`).join(''));
}

/** Whether the gateway did not answer, which another look may find over. */
function isAway(thrown: unknown): boolean {
  return isHeadwayError(thrown) && (thrown.code === 'connection-lost' || thrown.code === 'shutting-down');
}

async function lookAt(gateway: HeadwayClient): Promise<Look> {
  const [status, activity, generations] = await Promise.all([
    gateway.status(),
    gateway.activity(),
    gateway.generations(),
  ]);
  const ended = generations.filter(({ state }) => state === 'ended');
  return { url: gateway.url, status, activity, ended, silentMs: null };
}
