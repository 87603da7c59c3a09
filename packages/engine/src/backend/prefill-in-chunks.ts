import type { PrefillPlan } from './backend.ts';

export interface ChunkedPrompt {
  /** Prompt tokens that are in memory already. */
  cached: number;
  total: number;
  /** Position where prefill ends: `total`, or one less. */
  end: number;
  /** Evaluates the tokens from position `from` up to, not including, `to`. */
  read: (from: number, to: number) => Promise<unknown>;
}

/**
 * Prefills a prompt chunk by chunk, as its plan says. Where it leaves the last token to decoding, the last chunk counts
 * that token as read.
 *
 * @throws the signal's reason before each chunk and after it
 */
export async function prefillInChunks({ cached, total, end, read }: ChunkedPrompt, plan: PrefillPlan): Promise<void> {
  plan.signal.throwIfAborted();
  plan.onProgress(cached);
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
