import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';

import { runsJobsInOrder } from '../../../processes/job-order.ts';
import type { ThreadCounts } from '../threads/thread-trials.ts';
import { BatchLoop } from './batch-loop.ts';
import type { PrivateContext, PrivateSequence, QueuedDecode } from './context-bindings.ts';
import { OneAtATime } from './one-at-a-time.ts';

/** The batches of all contexts on Vulkan. */
const vulkanBatches = new OneAtATime();

/**
 * Replaces the loop in which node-llama-cpp computes a context's batches. Its own loop draws each token in a promise
 * chain of its own and begins a batch as soon as one sequence has a token, so that several answers get out of step: of
 * four streams, three shared a batch. It also changes memory only when nothing is left to decode, so that a prompt whose
 * slot holds other tokens would wait until all others have ended.
 */
export function openBatchLoop(context: LlamaContext, threads: ThreadCounts): BatchLoop {
  const inside = context as unknown as PrivateContext;
  const loop = new BatchLoop({
    context: inside._ctx,
    size: context.batchSize,
    threads,
    inOrder: runsJobsInOrder(),
    // As node-llama-cpp does: Vulkan crashes when two contexts decode at once.
    ...(context.model.llama.gpu === 'vulkan' && { alone: vulkanBatches }),
  });
  inside._decodeTokens = (queued, draw) =>
    new Promise((resolve, reject) => {
      const drawAt = drawnOf(queued);
      loop.add({
        work: drawAt.length > 0 ? 'decode' : 'prefill',
        sequenceId: queued.sequenceId,
        position: queued.firstTokenSequenceIndex,
        tokens: queued.tokens,
        drawAt,
        draw: async (output, at) => {
          const position = queued.firstTokenSequenceIndex + at;
          return [position, await draw(output, position)] as const;
        },
        evaluated: (tokens) => queued.tokenMeter.useTokens(tokens, drawAt.length > 0 ? 'output' : 'input'),
        done: (drawn) => resolve(drawn as [number, unknown][]),
        failed: reject,
      });
    });
  return loop;
}

/** Runs changes of a sequence's memory (cutting, emptying, copying, checkpoints) between two batches of the loop. */
export function changeBetweenBatches(sequence: LlamaContextSequence, loop: BatchLoop): void {
  const inside = sequence as unknown as PrivateSequence;
  const between = <Result>(change: (...args: unknown[]) => Promise<Result>) => {
    return (...args: unknown[]) => loop.change(inside._sequenceId, () => change(...args));
  };
  inside._eraseContextTokenRanges = between(inside._eraseContextTokenRanges.bind(sequence));
  inside._copyStateFromOtherSequence = between(inside._copyStateFromOtherSequence.bind(sequence));
  inside.takeCheckpoint = between(inside.takeCheckpoint.bind(sequence));
}

/** Indexes of the tokens after which a token is drawn. */
function drawnOf({ logits }: QueuedDecode): number[] {
  return logits.flatMap((drawn, at) => (drawn ? [at] : []));
}
