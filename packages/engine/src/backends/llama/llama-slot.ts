import type { LlamaContextSequence, Token, TokenBias } from 'node-llama-cpp';

import type { DecodeEnd, DecodeOptions, PrefillPlan, Slot } from '../../backend/backend.ts';
import { OutputLimiter } from '../../backend/output-limiter.ts';
import { prefillInChunks } from '../../backend/prefill-in-chunks.ts';
import type { BatchLoop } from './batch/batch-loop.ts';
import type { Checkpoints } from './memory/checkpoints.ts';
import { Answer } from './decode/write-answer.ts';
import { writeTokens } from './decode/write-tokens.ts';
import { PromptLookup } from './drafts/prompt-lookup.ts';
import { writeWithDrafts } from './drafts/write-with-drafts.ts';
import { beginningTokens } from './tokenizer/beginning-tokens.ts';
import type { LlamaPrompt } from './decode/llama-prompt.ts';
import { samplingOptions } from './decode/sampling.ts';
import { createLogprobSampler } from './decode/token-logprobs.ts';

export interface LlamaSlotOptions {
  /** The slot drafts tokens if the sequence's token predictor is a `PromptLookup`. */
  sequence: LlamaContextSequence;
  /** Called on first use, as it iterates over the vocabulary. */
  noEndBias: () => TokenBias;
  /** For a memory that cannot be cut back. @default none: it can */
  checkpoints?: Checkpoints | null;
  loop: BatchLoop;
}

/** Tokens in one chunk when a context shift reads tokens again. */
const shiftChunk = 64;

/** One sequence of the context, with the node-llama-cpp objects that decode on it. */
export class LlamaSlot implements Slot {
  readonly #sequence: LlamaContextSequence;
  readonly #noEndBias: () => TokenBias;
  readonly #lookup: PromptLookup | null;
  readonly #checkpoints: Checkpoints | null;
  readonly #loop: BatchLoop;

  constructor({ sequence, noEndBias, checkpoints = null, loop }: LlamaSlotOptions) {
    this.#sequence = sequence;
    this.#noEndBias = noEndBias;
    this.#lookup = sequence.tokenPredictor instanceof PromptLookup ? sequence.tokenPredictor : null;
    this.#checkpoints = checkpoints;
    this.#loop = loop;
  }

  get evaluated(): number {
    const { usedInputTokens, usedOutputTokens } = this.#sequence.tokenMeter;
    return usedInputTokens + usedOutputTokens;
  }

  get held(): number {
    return this.#sequence.nextTokenIndex;
  }

  reusable({ tokens, total }: LlamaPrompt): number {
    const shared = Math.min(this.#sequence.compareContextTokens(tokens).firstDifferentIndex, total - 1);
    return this.#checkpoints?.reusable(shared) ?? shared;
  }

  async forget(): Promise<void> {
    if (this.held > 0) await this.#sequence.clearHistory();
  }

  async prefill({ tokens, total }: LlamaPrompt, plan: PrefillPlan): Promise<void> {
    plan.signal.throwIfAborted();
    // Cuts the memory back to the tokens shared with the prompt, or further where it cannot be cut there.
    await this.#sequence.adaptStateToTokens(tokens.slice(0, total - 1), false);
    await this.#checkpoints?.dropOrphans();
    const cached = this.#sequence.nextTokenIndex;
    const read = (from: number, to: number) =>
      this.#sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, to));
    const withCheckpoints = this.#checkpoints?.withCheckpoints(read, {
      from: cached,
      end: total - 1,
      signal: plan.signal,
    });
    await prefillInChunks({ cached, total, read: withCheckpoints ?? read }, plan);
  }

  async copyFrom(other: LlamaSlot): Promise<void> {
    // node-llama-cpp's public way to copy goes through a file. The contract test on choices fails when this one
    // changes.
    const copying = this.#sequence as unknown as {
      _copyStateFromOtherSequence(from: LlamaContextSequence, upTo: number): Promise<boolean>;
    };
    const from = other.#sequence;
    // Of a prompt of one token nothing was read.
    if (from.nextTokenIndex === 0) return this.forget();
    if (await copying._copyStateFromOtherSequence(from, from.nextTokenIndex)) return;
    // The failed copy set the tokens but not their memory, so they must not be reused.
    await this.#sequence.clearHistory();
    throw new Error('the memory of one slot could not be copied to another');
  }

  async decode(prompt: LlamaPrompt, { onSpeculation, ...options }: DecodeOptions): Promise<DecodeEnd> {
    const { rules, form } = prompt;
    // Thoughts and calls that the model begins itself change the grammar of the next token.
    const rulesChange = rules.whole ? form.thought !== null : rules.tools.length > 0;
    this.#lookup?.begin(prompt.request, prompt.tokens, { rulesChange });
    try {
      return await this.#decode(prompt, options);
    } finally {
      if (this.#lookup) onSpeculation?.(this.#lookup.end());
    }
  }

  async #decode(prompt: LlamaPrompt, { choice, maxTokens, room, onPiece, signal }: DecodeOptions): Promise<DecodeEnd> {
    const limiter = new OutputLimiter({ stop: prompt.request.stop, maxTokens, onPiece });
    const { model } = this.#sequence;
    const sampling = samplingOptions(prompt.request, choice, { model, noEndBias: this.#noEndBias });
    const logprobs = createLogprobSampler(this.#sequence, prompt.request, sampling.seed);
    const answer = new Answer({
      sequence: this.#sequence,
      prompt,
      limiter,
      logprobs,
      sampling,
      writeTokens: this.#lookup?.drafts
        ? writeWithDrafts
        : (tokens, options) => writeTokens(tokens, { ...options, loop: this.#loop }),
      signal,
    });
    let left = maxTokens;
    let lastTokens: Token[] = prompt.tokens.slice(-1);
    let limit = Math.min(left, room);
    let ended: 'limit' | 'end' = 'limit';
    try {
      while ((ended = await answer.write(lastTokens, limit)) === 'limit' && (left -= limit) > 0) {
        lastTokens = await this.#forgetOldest(answer.tokens, signal);
        limit = Math.min(left, this.#sequence.contextSize - this.#keptByShift);
      }
    } finally {
      answer.end({ cut: ended === 'limit' });
    }
    const { toolCalls } = answer;
    const own = ended === 'limit' ? 'length' : toolCalls.length > 0 ? 'tool-calls' : 'stop';
    return { reason: limiter.end ?? own, stopString: limiter.stopString, toolCalls };
  }

  /** Tokens that a shift keeps of a full context. */
  get #keptByShift(): number {
    return Math.ceil(this.#sequence.contextSize / 2);
  }

  /**
   * Forgets the oldest half of a full context and reads the other half again, except for its last token, with which
   * decoding continues.
   */
  async #forgetOldest(tokens: readonly Token[], signal: AbortSignal): Promise<Token[]> {
    const first = beginningTokens(this.#sequence.model);
    const again = [...first, ...tokens.slice(first.length - this.#keptByShift)];
    await this.#sequence.clearHistory();
    for (let at = 0; at < again.length - 1; at += shiftChunk) {
      signal.throwIfAborted();
      const end = Math.min(at + shiftChunk, again.length - 1);
      await this.#sequence.evaluateWithoutGeneratingNewTokens(again.slice(at, end));
    }
    return again.slice(-1);
  }

  /** Resolves when the context can reuse the sequence. */
  async dispose(): Promise<void> {
    await this.#sequence.dispose();
  }
}
