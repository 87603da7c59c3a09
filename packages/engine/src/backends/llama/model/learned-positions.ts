import type { GgufFileInfo } from 'node-llama-cpp';

/** What every architecture of llama.cpp calls the table of positions that were learned one by one. */
const table = 'position_embd.weight';

/**
 * Tokens that a model can have positions for, when it learned them one by one (GPT-2, StarCoder, some MPT); null when they
 * are computed. llama.cpp ends the process at one beyond.
 */
export function learnedPositions({ fullTensorInfo, tensorInfo }: GgufFileInfo): number | null {
  const [, positions] = (fullTensorInfo ?? tensorInfo)?.find(({ name }) => name === table)?.dimensions ?? [];
  return positions === undefined ? null : Number(positions);
}

/** The context to open, in tokens, of what was asked for, and what to tell whoever asked when it is less. */
export function boundByPositions(
  asked: number | null,
  learned: number | null,
): { contextSize: number | null; notices: readonly string[] } {
  if (asked === null || learned === null || asked <= learned) return { contextSize: asked, notices: [] };
  const [most, wanted] = [learned, asked].map((tokens) => tokens.toLocaleString('en'));
  const notice = `the context is ${most} tokens and not ${wanted}: the model learned ${most} positions and has no others`;
  return { contextSize: learned, notices: [`${notice}; use --ctx ${learned} or less`] };
}
