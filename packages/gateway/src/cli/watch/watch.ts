import type { GenerationInfo } from '@headway/protocol';

import { connectGateway } from '../connect-gateway.ts';
import { formatTable } from '../format-table.ts';
import { printEvents, printText } from '../print-answer.ts';
import { createProgressBar } from '../progress-bar.ts';
import { jsonText } from '../terminal-text.ts';
import { untilSignalled } from '../until-signalled.ts';

export interface WatchOptions {
  url: string;
  apiKey?: string;
  json?: boolean;
}

/** Runs `headway watch`: the list of generations, or one of them until its end. */
export async function watch(id: string | undefined, { url, apiKey, json = false }: WatchOptions): Promise<void> {
  await untilSignalled(async (signal) => {
    const gateway = connectGateway(url, apiKey);
    try {
      if (id === undefined) {
        const generations = await gateway.generations();
        process.stdout.write(json ? generations.map((one) => `${jsonText(one)}\n`).join('') : tableOf(generations));
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

function tableOf(generations: readonly GenerationInfo[]): string {
  const rows = generations.map(({ id, model, state, queuePosition, outcome, processed, total, completionTokens }) => [
    id,
    model,
    outcome ?? (queuePosition === null ? state : `${state} (${queuePosition})`),
    processed === null || total === null ? '-' : `${processed} of ${total}`,
    String(completionTokens),
  ]);
  return formatTable(['ID', 'MODEL', 'STATE', 'READ', 'WRITTEN'], rows);
}
