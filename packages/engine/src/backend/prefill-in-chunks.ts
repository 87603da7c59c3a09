import type { PrefillPlan } from './backend.ts';

export interface ChunkedPrompt {
  /** Prompt tokens that need not be read again. */
  cached: number;
  total: number;
  /** Reads the tokens from one position up to another. */
  read: (from: number, to: number) => Promise<unknown>;
}

/**
 * Reads a prompt as its plan says, chunk by chunk. The last token is left: decoding starts by evaluating it, since
 * that gives the first token's probabilities. It is counted as read with the last chunk.
 *
 * @throws the signal's reason before each chunk and after it
 */
export async function prefillInChunks({ cached, total, read }: ChunkedPrompt, plan: PrefillPlan): Promise<void> {
  plan.signal.throwIfAborted();
  plan.onProgress(cached);
  const end = total - 1;
  for (let at = cached; at < end;) {
    const to = at + (await plan.nextChunk(end - at));
    await read(at, to);
    plan.onRead(to - at);
    plan.signal.throwIfAborted();
    at = to;
    if (at < end) plan.onProgress(at);
  }
  plan.onProgress(total);
}
