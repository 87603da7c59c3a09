import type { LlamaContextSequence } from 'node-llama-cpp';

type Call = (...args: unknown[]) => unknown;

/**
 * The part of node-llama-cpp's private interface that this file uses. The test "a failed draw" fails when it changes.
 */
interface PrivateSequence {
  _decodeTokens(
    tokens: unknown,
    logits: unknown,
    priority: unknown,
    meter: unknown,
    shift: unknown,
    draw: Call,
    afterBatch: unknown,
  ): Promise<unknown>;
}

/**
 * Makes a failed draw in node-llama-cpp's own loop, which drafts, end its call only after the sequence has counted the
 * batch's tokens. Otherwise the sequence would read the next tokens at a position that its memory already holds.
 */
export function containFailures(sequence: LlamaContextSequence): void {
  const inside = sequence as unknown as PrivateSequence;
  const decode = inside._decodeTokens.bind(sequence);
  inside._decodeTokens = async (tokens, logits, priority, meter, shift, draw, afterBatch) => {
    let failure: { reason: unknown } | null = null as { reason: unknown } | null;
    const contained: Call = async (...args) => {
      if (failure) return null;
      try {
        return await draw(...args);
      } catch (reason) {
        failure = { reason };
        return null;
      }
    };
    const decoded = await decode(tokens, logits, priority, meter, shift, contained, afterBatch);
    if (failure) throw failure.reason;
    return decoded;
  };
}
