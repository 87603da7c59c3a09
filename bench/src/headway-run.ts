import { createEngine, llama } from '@headway/engine';

import { cpuMsSince, decodeRate } from './bare-run.ts';
import type { Run } from './run.ts';

/** Headway's engine, read through the async iterator as a Node service would. */
export async function openHeadway(modelPath: string, threads: number, contextSize: number) {
  const engine = await createEngine({
    backend: llama({ model: modelPath, threads, gpu: false }),
    parallel: 1,
    contextSize,
  });
  return {
    async run(text: string, maxTokens: number): Promise<Run> {
      const chunkEnds: number[] = [];
      const arrivals: number[] = [];
      let [start, end, promptTokens] = [0, 0, 0];
      const cpu = process.cpuUsage();
      for await (const event of engine.generate({ prompt: text, temperature: 0, maxTokens, ignoreEos: true })) {
        const now = performance.now();
        if (event.type === 'prefill' && event.phase === 'prefill') {
          if (chunkEnds.length === 0) start = now;
          end = now;
          promptTokens = event.total ?? 0;
          chunkEnds.push(event.processed ?? 0);
        } else if (event.type === 'token') {
          arrivals.push(now);
        } else if (event.type === 'error') {
          throw new Error(event.message);
        }
      }
      return { prefillMs: end - start, cpuMs: cpuMsSince(cpu), promptTokens, chunkEnds, ...decodeRate(arrivals) };
    },
    close: () => engine.close(),
  };
}
