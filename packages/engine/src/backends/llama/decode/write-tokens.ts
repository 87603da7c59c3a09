import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type { BatchLoop } from '../batch/batch-loop.ts';
import type { PrivateSequence } from '../batch/context-bindings.ts';
import { TokenChoice, type WrittenToken } from './token-choice.ts';
import type { LogprobSampler } from './token-logprobs.ts';
import { TokenSampler, type DrawnToken } from './token-sampler.ts';

export interface WriteTokensOptions {
  sequence: LlamaContextSequence;
  loop: BatchLoop;
  /** The next token's grammar; called before each token. */
  grammar: () => LlamaGrammarEvaluationState | undefined;
  /** Tokens that replace one that the model chose; null keeps it. */
  replacementOf: (token: Token) => readonly Token[] | null;
  logprobs: LogprobSampler | null;
  sampling: Omit<SequenceEvaluateOptions, 'grammarEvaluationState'>;
  /** Takes each token, end tokens too, in order. Returns whether to write on. */
  onToken: (written: WrittenToken) => boolean;
  signal: AbortSignal;
}

/**
 * Evaluates a prompt's last tokens and writes on, token by token, in step with the context's other answers. The last
 * token is not in the sequence's memory.
 *
 * @throws the signal's reason, after the current token; what `onToken` throws
 */
export async function writeTokens(tokens: readonly Token[], options: WriteTokensOptions): Promise<void> {
  const { sequence, loop, grammar, logprobs, sampling, onToken, signal } = options;
  signal.throwIfAborted();
  const inside = sequence as unknown as PrivateSequence;
  // Drafts of an earlier answer may still be in memory.
  await inside._abortTokenPredictor(false, true);
  const choice = new TokenChoice(options);
  const sampler = new TokenSampler({
    sequence,
    probabilities: logprobs !== null,
    // At temperature 0 llama.cpp cuts nothing off and reports the model's own probabilities.
    sampling: logprobs ? { ...sampling, temperature: 0 } : sampling,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const write = (next: readonly Token[]) => {
        sampler.prepare(logprobs ? undefined : grammar());
        const position = inside._nextTokenIndex;
        if (position + next.length > sequence.contextSize) throw new Error('the context is full');
        const remember = () => {
          inside._nextTokenIndex += next.length;
          inside._contextTokens.push(...next);
        };
        loop.add({
          sequenceId: inside._sequenceId,
          position,
          tokens: next,
          drawAt: [next.length - 1],
          draw: (output) => sampler.draw(output),
          drawsInJob: true,
          evaluated: (count) => sequence.tokenMeter.useTokens(count, 'output'),
          done([drawn]) {
            remember();
            try {
              signal.throwIfAborted();
              const { token, probabilities } = drawn as DrawnToken;
              const written = choice.after(token, probabilities);
              if (onToken(written)) write([written.token]);
              else resolve();
            } catch (thrown) {
              reject(thrown);
            }
          },
          failed(reason, evaluated) {
            if (evaluated) remember();
            reject(reason);
          },
        });
      };
      write(tokens);
    });
  } finally {
    sampler.dispose();
  }
}
