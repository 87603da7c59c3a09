import { openGateway } from '../generator/open-gateway.ts';
import { printEvents, printText } from '../answer/print-answer.ts';
import { createProgressBar } from '../answer/progress-bar.ts';
import { foreignText, jsonText, type ModelInfo } from '@headway/protocol';
import { wrapFor } from '../terminal/word-wrap.ts';
import { untilSignalled } from '../process/until-signalled.ts';
import { interferenceLine } from '../terminal/interference-line.ts';
import { generationTable } from './generation-table.ts';

export interface WatchOptions {
  url: string;
  apiKey?: string;
  json?: boolean;
}

/** Runs `headway watch`: lists the generations, or shows one until its end. */
export async function watch(id: string | undefined, { url, apiKey, json = false }: WatchOptions): Promise<void> {
  await untilSignalled(async (signal) => {
    const gateway = openGateway({ url, apiKey, signal });
    try {
      if (id === undefined) {
        const generations = await gateway.generations();
        process.stdout.write(
          json
            ? generations.map((one) => `${jsonText(one)}\n`).join('')
            : generationTable(generations, { now: Date.now(), columns: process.stdout.columns }),
        );
        // A pipe gets the table alone.
        if (!json && process.stdout.isTTY) process.stdout.write(delayLines(await gateway.models()));
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

function delayLines(models: readonly ModelInfo[]): string {
  const lines = models.flatMap((model) => {
    const line = interferenceLine(model);
    return line === null ? [] : [`${model.id}: ${line}`];
  });
  return lines.map((line) => `${wrapFor(process.stdout, foreignText(line))}\n`).join('');
}
