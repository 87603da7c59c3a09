import type { LlamaContextSequence } from 'node-llama-cpp';

type Call = (...args: unknown[]) => unknown;

/** What is used of node-llama-cpp's inside. The test "a draw that fails" fails when it changes. */
interface SequenceInside {
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
 * Has a draw that fails end what this sequence was asked for, and nothing else.
 *
 * node-llama-cpp draws the tokens of all sequences in one batch and waits for all of them in a promise that nobody looks
 * at: where one draw rejects, its caller waits for ever and the process ends by an uncaught rejection. Here a failure waits
 * until the batch is over and the sequence knows what is in its memory.
 */
export function containFailures(sequence: LlamaContextSequence): void {
  const inside = sequence as unknown as SequenceInside;
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

/** What comes behind a batch takes checkpoints: one that failed saves no work later, which is all. */
function harmless(call: Call): Call {
  return async (...args) => {
    try {
      await call(...args);
    } catch {
      // Nobody waits for it.
    }
  };
}
