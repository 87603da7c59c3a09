import type { LlamaContextSequence, LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token } from 'node-llama-cpp';

import type { Work } from '../batch/batch-item.ts';
import type { BatchLoop } from '../batch/batch-loop.ts';
import type { PrivateSequence } from '../batch/context-bindings.ts';
import { TokenChoice, type WrittenToken } from './token-choice.ts';
import type { LogprobSampler } from './token-logprobs.ts';
import { TokenSampler, type DrawnToken } from './token-sampler.ts';

export interface WriteTokensOptions {
  sequence: LlamaContextSequence;
  loop: BatchLoop;
  /** The token that follows `tokens`, if it was drawn already: they are in memory then. @default null */
  first?: FirstToken | null;
  /** The next token's grammar; called before each token. */
  grammar: () => LlamaGrammarEvaluationState | undefined;
  /** Tokens that replace one that the model chose; null keeps it. */
  replacementOf: (token: Token) => readonly Token[] | null;
  logprobs: LogprobSampler | null;
  sampling: SequenceEvaluateOptions;
  /** Takes each token, end tokens too, in order. Returns whether to write on. */
  onToken: (written: WrittenToken) => boolean;
  signal: AbortSignal;
}

/** A drawn token, and the sampler that drew it and goes on from there. */
export interface FirstToken {
  drawn: DrawnToken;
  /** Whoever takes the token disposes of it. */
  sampler: TokenSampler;
}

/**
 * Writes on after a prompt, token by token, in step with the context's other answers. Without `first` it begins by
 * evaluating the prompt's last tokens, the last of which is not in the sequence's memory.
 *
 * @throws the signal's reason, after the current token; what `onToken` throws
 */
export async function writeTokens(tokens: readonly Token[], options: WriteTokensOptions): Promise<void> {
  const { sequence, first, logprobs, onToken, signal } = options;
  const sampler = first?.sampler ?? new TokenSampler({ ...options, probabilities: logprobs !== null });
  const choice = new TokenChoice(options);
  try {
    signal.throwIfAborted();
    // Drafts of an earlier answer may still be in memory.
    await (sequence as unknown as PrivateSequence)._abortTokenPredictor(false, true);
    await new Promise<void>((resolve, reject) => {
      const write = (next: readonly Token[]) =>
        evaluate(next, { ...options, sampler, work: 'decode', drawn: take, failed: reject });
      const take = ({ token, probabilities }: DrawnToken) => {
        try {
          signal.throwIfAborted();
          const written = choice.after(token, probabilities);
          if (onToken(written)) write([written.token]);
          else resolve();
        } catch (thrown) {
          reject(thrown);
        }
      };
      if (first) take(first.drawn);
      else write(tokens);
    });
  } finally {
    sampler.dispose();
  }
}

/** Evaluates a prompt's last tokens as a chunk and draws the token that follows them. One token alone is no chunk. */
export async function readAndDraw(
  tokens: readonly Token[],
  options: Pick<WriteTokensOptions, 'sequence' | 'loop' | 'grammar' | 'logprobs' | 'sampling'>,
): Promise<FirstToken> {
  const sampler = new TokenSampler({ ...options, probabilities: options.logprobs !== null });
  try {
    const drawn = await new Promise<DrawnToken>((resolve, reject) =>
      evaluate(tokens, {
        ...options,
        sampler,
        // Attention takes one token in the same way beside those that others write.
        work: tokens.length === 1 ? 'decode' : 'prefill',
        drawn: resolve,
        failed: reject,
      }),
    );
    return { drawn, sampler };
  } catch (thrown) {
    sampler.dispose();
    throw thrown;
  }
}

interface EvaluateOptions extends Pick<WriteTokensOptions, 'sequence' | 'loop' | 'grammar'> {
  sampler: TokenSampler;
  work: Work;
  /** Called once with the token that follows. */
  drawn: (drawn: DrawnToken) => void;
  /** Called once instead of `drawn`. */
  failed: (reason: unknown) => void;
}

/** Adds tokens to the loop's next batch, and draws one after the last of them. */
function evaluate(
  tokens: readonly Token[],
  { sequence, loop, grammar, sampler, work, drawn, failed }: EvaluateOptions,
): void {
  const inside = sequence as unknown as PrivateSequence;
  sampler.prepare(grammar);
  const position = inside._nextTokenIndex;
  if (position + tokens.length > sequence.contextSize) throw new Error('the context is full');
  const remember = (count: number) => {
    inside._nextTokenIndex += count;
    inside._contextTokens.push(...tokens.slice(0, count));
  };
  loop.add({
    work,
    sequenceId: inside._sequenceId,
    position,
    tokens,
    drawAt: [tokens.length - 1],
    draw: (output) => sampler.draw(output),
    drawsInJob: true,
    drawsOnce: sampler.drawsOnce,
    evaluated: (count) => sequence.tokenMeter.useTokens(count, work === 'prefill' ? 'input' : 'output'),
    done([one]) {
      remember(tokens.length);
      drawn(one as DrawnToken);
    },
    failed(reason, evaluated) {
      remember(evaluated);
      failed(reason);
    },
  });
}
