import { formatTable } from '../terminal/format-table.ts';
import { formatRate } from '../answer/generation-facts.ts';
import { openGenerator } from '../generator/open-generator.ts';
import { canDraw } from '../terminal/stream-colors.ts';
import { jsonText } from '@headway/protocol';
import type { ComputeFlags } from '../options/compute-options.ts';
import type { Threads } from '../options/threads-option.ts';
import { untilSignalled } from '../process/until-signalled.ts';
import { measure, type Measurement } from './measure.ts';

export interface BenchOptions extends ComputeFlags {
  sizes: number[];
  write: number;
  repeat: number;
  ctx?: number;
  threads?: Threads;
  json?: boolean;
}

/** Runs `headway bench`. */
export async function bench(model: string | undefined, { json, ...options }: BenchOptions): Promise<void> {
  await untilSignalled(async (signal) => {
    const generator = await openGenerator({ ...options, model, isolated: true });
    try {
      const results = await measure(generator, { ...options, signal, onRun: showRun });
      const [info] = await generator.models();
      clearRun();
      process.stdout.write(json ? `${jsonText({ model: info, results }, 2)}\n` : tableOf(results));
    } finally {
      clearRun();
      await generator.close();
    }
  });
}

function tableOf(results: readonly Measurement[]): string {
  const rows = results.map((one) => [
    one.promptTokens.toLocaleString('en'),
    formatRate(one.prefillTokensPerSecond),
    formatRate(one.decodeTokensPerSecond),
    `${Math.round(one.timeToFirstTokenMs).toLocaleString('en')} ms`,
  ]);
  return formatTable(['PROMPT TOKENS', 'READ/S', 'WRITTEN/S', 'FIRST TOKEN AFTER'], rows);
}

function showRun(run: number, runs: number): void {
  if (canDraw(process.stderr)) process.stderr.write(`\r\u001b[2KRun ${run} of ${runs}`);
}

function clearRun(): void {
  if (canDraw(process.stderr)) process.stderr.write('\r\u001b[2K');
}
