import { openBareLoop } from './bare/bare-loop.ts';
import type { Run } from './run.ts';

/** The baseline: a bare loop over node-llama-cpp. */
export async function openBare(model: string, threads: number, contextSize: number) {
  const loop = await openBareLoop({ model, threads, sequences: 1, contextSize });
  const [sequence] = loop.sequences;
  if (!sequence) throw new Error('the context has no sequence');
  return {
    /** `chunkEnds`: the prompt position after each chunk; the first one is 0. */
    async run(text: string, maxTokens: number, chunkEnds: readonly number[]): Promise<Run> {
      await sequence.clearHistory();
      const tokens = loop.tokenize(text);
      const cpu = process.cpuUsage();
      const start = performance.now();
      // The first token is drawn after the last chunk.
      for (const [at, end] of chunkEnds.slice(0, -1).entries()) {
        const chunk = tokens.slice(chunkEnds[at - 1] ?? 0, end);
        if (chunk.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(chunk);
      }
      const arrivals: number[] = [];
      const rest = tokens.slice(sequence.nextTokenIndex);
      await loop.write(sequence, rest, maxTokens, () => arrivals.push(performance.now()));
      return {
        prefillMs: (arrivals[0] ?? 0) - start,
        cpuMs: cpuMsSince(cpu),
        promptTokens: tokens.length,
        ...decodeRate(arrivals),
        chunkEnds: [...chunkEnds],
      };
    },
    close: () => loop.close(),
  };
}

export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Tokens per second from the first token's arrival to the last one's. */
export function decodeRate(arrivals: readonly number[]): Pick<Run, 'tokens' | 'tokensPerSecond'> {
  const first = arrivals[0] ?? 0;
  const last = arrivals.at(-1) ?? 0;
  return { tokens: arrivals.length, tokensPerSecond: ((arrivals.length - 1) * 1000) / (last - first) };
}
