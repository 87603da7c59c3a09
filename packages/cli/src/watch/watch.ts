import { openGateway } from '../generator/open-gateway.ts';
import { printEvents, printText } from '../answer/print-answer.ts';
import { createProgressBar } from '../answer/progress-bar.ts';
import { jsonText } from '@headway/protocol';
import { untilSignalled } from '../process/until-signalled.ts';
import { canDraw } from '../terminal/stream-colors.ts';
import { generationTable } from './generation-table.ts';
import { watchActivity } from './live/watch-activity.ts';

/** Longer than the time between two looks at the gateway, so that they share a connection. */
const idleTimeoutMs = 5000;

export interface WatchOptions {
  url: string;
  apiKey?: string;
  json?: boolean;
}

/**
 * Runs `headway watch`: shows what the gateway does, live on a terminal and as a list of generations elsewhere, or one
 * generation until its end.
 */
export async function watch(id: string | undefined, { url, apiKey, json = false }: WatchOptions): Promise<void> {
  await untilSignalled(async (signal) => {
    const gateway = openGateway({ url, apiKey, signal, idleTimeoutMs });
    try {
      if (id === undefined) {
        if (!json && canDraw(process.stdout)) return await watchActivity(gateway, signal);
        const generations = await gateway.generations();
        process.stdout.write(
          json
            ? generations.map((one) => `${jsonText(one)}\n`).join('')
            : generationTable(generations, { now: Date.now(), columns: process.stdout.columns }),
        );
      } else if (json) {
        await printEvents(gateway.watch(id, { signal }));
      } else {
        const bar = createProgressBar({ whileWriting: !process.stdout.isTTY });
        await printText(gateway.watch(id, { signal, progress: bar }), bar);
      }
    } finally {
      await gateway.close();
    }
  });
}
