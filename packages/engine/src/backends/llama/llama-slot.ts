import type { LlamaContextSequence, Token, TokenBias } from 'node-llama-cpp';

import type { DecodeEnd, DecodeOptions, PrefillPlan, Slot } from '../../backend/backend.ts';
import { OutputLimiter } from '../../backend/output-limiter.ts';
import { prefillInChunks } from '../../backend/prefill-in-chunks.ts';
import type { BatchLoop } from './batch/batch-loop.ts';
import type { Checkpoints } from './memory/checkpoints.ts';
import { AnswerDrawing } from './decode/answer-drawing.ts';
import { Answer } from './decode/write-answer.ts';
import { writeTokens } from './decode/write-tokens.ts';
import { PromptLookup } from './drafts/prompt-lookup.ts';
import { writeWithDrafts } from './drafts/write-with-drafts.ts';
import { beginningTokens } from './tokenizer/beginning-tokens.ts';
import type { LlamaPrompt } from './decode/llama-prompt.ts';

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
  /** Of a prompt whose prefill draws the first token, until its answer is decoded. */
  #drawing: AnswerDrawing | null = null;

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
    this.#dropDrawing();
    if (this.held > 0) await this.#sequence.clearHistory();
  }

  async prefill(prompt: LlamaPrompt, plan: PrefillPlan): Promise<void> {
    const { tokens, total, prefillEnd } = prompt;
    this.#dropDrawing();
    plan.signal.throwIfAborted();
    // Cuts the memory back to the tokens shared with the prompt, or further where it cannot be cut there.
    await this.#sequence.adaptStateToTokens(tokens.slice(0, total - 1), false);
    await this.#checkpoints?.dropOrphans();
    const cached = this.#sequence.nextTokenIndex;
    const drawing = prefillEnd === total ? this.#openDrawing(prompt, 0) : null;
    this.#drawing = drawing;
    const read = (from: number, to: number) => {
      const chunk = tokens.slice(from, to);
      if (to < total || !drawing) return this.#sequence.evaluateWithoutGeneratingNewTokens(chunk);
      return drawing.readAndDraw(chunk, this.#loop);
    };
    const withCheckpoints = this.#checkpoints?.withCheckpoints(read, {
      from: cached,
      end: prefillEnd,
      signal: plan.signal,
    });
    try {
      await prefillInChunks({ cached, total, end: prefillEnd, read: withCheckpoints ?? read }, plan);
    } catch (thrown) {
      this.#dropDrawing();
      throw thrown;
    }
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
    const drawing = this.#takeDrawing(prompt, choice) ?? this.#openDrawing(prompt, choice);
    const answer = new Answer({
      drawing,
      limiter,
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
        lastTokens = await this.#forgetOldest(drawing.tokens, signal);
        limit = Math.min(left, this.#sequence.contextSize - this.#keptByShift);
      }
    } finally {
      answer.end({ cut: ended === 'limit' });
    }
    const { toolCalls } = answer;
    const own = ended === 'limit' ? 'length' : toolCalls.length > 0 ? 'tool-calls' : 'stop';
    return { reason: limiter.end ?? own, stopString: limiter.stopString, toolCalls };
  }

  #openDrawing(prompt: LlamaPrompt, choice: number): AnswerDrawing {
    return new AnswerDrawing({ sequence: this.#sequence, prompt, choice, noEndBias: this.#noEndBias });
  }

  /** The drawing that prefill began for this answer. */
  #takeDrawing(prompt: LlamaPrompt, choice: number): AnswerDrawing | null {
    const drawing = this.#drawing;
    if (drawing?.prompt !== prompt || choice !== 0) return null;
    this.#drawing = null;
    return drawing;
  }

  #dropDrawing(): void {
    this.#drawing?.dispose();
    this.#drawing = null;
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
    this.#dropDrawing();
    await this.#sequence.dispose();
  }
}
