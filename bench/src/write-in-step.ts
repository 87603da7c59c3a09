/** What streams that write together reach. */
export interface InStep {
  /** Of all streams. */
  tokensPerSecond: number;
  /** Processor time a token, in ms. */
  cpuMs: number;
}

/**
 * Runs streams at once and measures from the last one's first text to the first one's end, so that prompts do not count.
 *
 * @param cpuMs reads a processor time; its differences count
 * @param write writes one stream, calls `onText` for each piece of text, and returns how many tokens it wrote
 * @throws Error when one stream ended before another began
 */
export async function writeInStep(
  streams: number,
  cpuMs: () => number,
  write: (stream: number, onText: () => void) => Promise<number>,
): Promise<InStep> {
  const pieces = Array.from({ length: streams }, () => 0);
  const mark = () => ({ at: performance.now(), pieces: [...pieces], cpuMs: cpuMs() });
  let from: ReturnType<typeof mark> | undefined;
  let to: ReturnType<typeof mark> | undefined;
  let begun = 0;
  const written = await Promise.all(
    pieces.map(async (_, stream) => {
      const tokens = await write(stream, () => {
        const count = (pieces[stream] ?? 0) + 1;
        pieces[stream] = count;
        if (count === 1 && ++begun === streams) from = mark();
      });
      to ??= mark();
      return tokens;
    }),
  );
  if (!from || !to || to.at <= from.at) throw new Error(`one of ${streams} streams ended before another began`);
  let tokens = 0;
  for (const [stream, count] of written.entries()) {
    // A piece can be several tokens.
    const seen = (to.pieces[stream] ?? 0) - (from.pieces[stream] ?? 0);
    tokens += (seen * count) / (pieces[stream] ?? 1);
  }
  return { tokensPerSecond: (tokens * 1000) / (to.at - from.at), cpuMs: (to.cpuMs - from.cpuMs) / tokens };
}
