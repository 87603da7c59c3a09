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
    afterBatch?: Call,
  ): Promise<unknown>;
}

/**
 * Makes a failed draw end this sequence's call and nothing else.
 *
 * node-llama-cpp draws the tokens of all sequences of a batch and awaits them in a promise that has no handler: when
 * one draw rejects, its caller waits for ever and the uncaught rejection ends the process. Here the failure is thrown
 * after the batch, when the sequence knows what its memory holds.
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
    const decoded = await decode(tokens, logits, priority, meter, shift, contained, afterBatch && harmless(afterBatch));
    if (failure) throw failure.reason;
    return decoded;
  };
}

/** node-llama-cpp takes checkpoints after a batch. Without one, a later prompt only reads more tokens again. */
function harmless(call: Call): Call {
  return async (...args) => {
    try {
      await call(...args);
    } catch {
      // Nothing awaits this call.
    }
  };
}
