import type { GgufFileInfo } from 'node-llama-cpp';

/** llama.cpp's name, in every architecture, for the table of learned positions. */
const table = 'position_embd.weight';

/**
 * Most positions of a model that learned each one (GPT-2, StarCoder, some MPT); null when it computes them. llama.cpp
 * ends the process at one position more.
 */
export function learnedPositions({ fullTensorInfo, tensorInfo }: GgufFileInfo): number | null {
  const [, positions] = (fullTensorInfo ?? tensorInfo)?.find(({ name }) => name === table)?.dimensions ?? [];
  return positions === undefined ? null : Number(positions);
}

/** The context to open, in tokens, and a notice when it is smaller than `asked`. */
export function capContext(
  asked: number | null,
  learned: number | null,
): { contextSize: number | null; notices: readonly string[] } {
  if (asked === null || learned === null || asked <= learned) return { contextSize: asked, notices: [] };
  const [most, wanted] = [learned, asked].map((tokens) => tokens.toLocaleString('en'));
  const notice = `the context is ${most} tokens instead of ${wanted}, because the model has only ${most} positions`;
  return { contextSize: learned, notices: [`${notice}; use --ctx ${learned} or less`] };
}
