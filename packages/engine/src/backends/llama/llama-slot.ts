import type { LlamaContextSequence, Token, TokenBias } from 'node-llama-cpp';

import type { DecodeEnd, DecodeOptions, PrefillPlan, Slot } from '../../backend/backend.ts';
import { OutputLimiter } from '../../backend/output-limiter.ts';
import { prefillInChunks } from '../../backend/prefill-in-chunks.ts';
import type { Checkpoints } from './memory/checkpoints.ts';
import { Answer } from './decode/write-answer.ts';
import { PromptLookup } from './drafts/prompt-lookup.ts';
import { beginningTokens } from './tokenizer/beginning-tokens.ts';
import type { LlamaPrompt } from './decode/llama-prompt.ts';
import { samplingOptions } from './decode/sampling.ts';
import { createLogprobSampler } from './decode/token-logprobs.ts';

export interface LlamaSlotOptions {
  /** Guesses ahead if its token predictor is a `PromptLookup`. */
  sequence: LlamaContextSequence;
  /** Made when first needed: it takes a walk over the vocabulary. */
  noEndBias: () => TokenBias;
  /** Of a memory that cannot be cut back. @default none: it can */
  checkpoints?: Checkpoints | null;
}

/** Tokens that are read at once after a shift. */
const shiftChunk = 64;

/** One sequence of the context, with the node-llama-cpp objects that decode on it. */
export class LlamaSlot implements Slot {
  readonly #sequence: LlamaContextSequence;
  readonly #noEndBias: () => TokenBias;
  readonly #lookup: PromptLookup | null;
  readonly #checkpoints: Checkpoints | null;

  constructor({ sequence, noEndBias, checkpoints = null }: LlamaSlotOptions) {
    this.#sequence = sequence;
    this.#noEndBias = noEndBias;
    this.#lookup = sequence.tokenPredictor instanceof PromptLookup ? sequence.tokenPredictor : null;
    this.#checkpoints = checkpoints;
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
    return this.#checkpoints?.within(shared) ?? shared;
  }

  async forget(): Promise<void> {
    if (this.held > 0) await this.#sequence.clearHistory();
  }

  async prefill({ tokens, total }: LlamaPrompt, plan: PrefillPlan): Promise<void> {
    plan.signal.throwIfAborted();
    // Cuts the memory back to what the prompt shares with it; models that cannot be cut there go back further.
    await this.#sequence.adaptStateToTokens(tokens.slice(0, total - 1), false);
    await this.#checkpoints?.dropOrphans();
    const cached = this.#sequence.nextTokenIndex;
    const read = (from: number, to: number) =>
      this.#sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, to));
    const keeping = this.#checkpoints?.keeping(read, { from: cached, end: total - 1, signal: plan.signal });
    await prefillInChunks({ cached, total, read: keeping ?? read }, plan);
  }

  async copyFrom(other: LlamaSlot): Promise<void> {
    // node-llama-cpp has no public way but a file. The contract test on choices fails when this one changes.
    const copying = this.#sequence as unknown as {
      _copyStateFromOtherSequence(from: LlamaContextSequence, upTo: number): Promise<boolean>;
    };
    const from = other.#sequence;
    // Of a prompt of one token nothing has been read.
    if (from.nextTokenIndex === 0) return this.forget();
    if (await copying._copyStateFromOtherSequence(from, from.nextTokenIndex)) return;
    // It has taken over what the other one's tokens are; without what they came to, they must not be reused.
    await this.#sequence.clearHistory();
    throw new Error('the memory of one slot could not be copied to another');
  }

  async decode(prompt: LlamaPrompt, { onSpeculation, ...options }: DecodeOptions): Promise<DecodeEnd> {
    const { rules, form } = prompt;
    // Thoughts and calls that the model begins by itself change what the next token must follow.
    const rulesChange = rules.whole ? form.thought !== null : rules.tools.length > 0;
    this.#lookup?.begin(prompt.request, prompt.tokens, { rulesChange });
    try {
      return await this.#decode(prompt, options);
    } finally {
      if (this.#lookup) onSpeculation?.(this.#lookup.end());
    }
  }

  async #decode(prompt: LlamaPrompt, { choice, maxTokens, room, onPiece, signal }: DecodeOptions): Promise<DecodeEnd> {
    const gate = new OutputLimiter({ stop: prompt.request.stop, maxTokens, onPiece });
    const { model } = this.#sequence;
    const sampling = samplingOptions(prompt.request, choice, { model, noEndBias: this.#noEndBias });
    const logprobs = createLogprobSampler(this.#sequence, prompt.request, sampling.seed);
    const answer = new Answer({ sequence: this.#sequence, prompt, gate, logprobs, sampling, signal });
    let left = maxTokens;
    let behind: Token[] = prompt.tokens.slice(-1);
    let limit = Math.min(left, room);
    let ended: 'limit' | 'end' = 'limit';
    try {
      while ((ended = await answer.write(behind, limit)) === 'limit' && (left -= limit) > 0) {
        behind = await this.#forgetOldest(answer.story, signal);
        limit = Math.min(left, this.#sequence.contextSize - this.#keptByShift);
      }
    } finally {
      answer.end({ cut: ended === 'limit' });
    }
    const { toolCalls } = answer;
    const own = ended === 'limit' ? 'length' : toolCalls.length > 0 ? 'tool-calls' : 'stop';
    return { reason: gate.end ?? own, stopString: gate.stopString, toolCalls };
  }

  /** Tokens of a full context that a shift keeps. */
  get #keptByShift(): number {
    return Math.ceil(this.#sequence.contextSize / 2);
  }

  /**
   * Forgets the oldest half of a full context and reads the other half again, all but its last token, which is what
   * the answer goes on behind.
   */
  async #forgetOldest(story: readonly Token[], signal: AbortSignal): Promise<Token[]> {
    const first = beginningTokens(this.#sequence.model);
    const again = [...first, ...story.slice(first.length - this.#keptByShift)];
    await this.#sequence.clearHistory();
    for (let at = 0; at < again.length - 1; at += shiftChunk) {
      signal.throwIfAborted();
      const end = Math.min(at + shiftChunk, again.length - 1);
      await this.#sequence.evaluateWithoutGeneratingNewTokens(again.slice(at, end));
    }
    return again.slice(-1);
  }

  /** Resolves when the context can give the sequence out again. */
  async dispose(): Promise<void> {
    await this.#sequence.dispose();
  }
}
