import {
  LlamaChat,
  LlamaCompletion,
  type LlamaChatResponseFunctionCallParamsChunk,
  type LlamaContextSequence,
  type LlamaText,
  type Token,
  type TokenBias,
} from 'node-llama-cpp';

import type { DecodeEnd, DecodeOptions, PrefillPlan, Slot } from '../../backend.ts';
import { PieceGate } from '../../piece-gate.ts';
import { prefillInChunks } from '../../prefill-in-chunks.ts';
import { AnswerSteering } from './answer-steering.ts';
import type { Checkpoints } from './checkpoints.ts';
import { PromptLookup } from './prompt-lookup.ts';
import { beginningTokens, type LlamaChatPrompt, type LlamaPrompt } from './render-prompt.ts';
import { samplingOptions } from './sampling.ts';
import { createLogprobSampler } from './token-logprobs.ts';

export interface LlamaSlotOptions {
  /** Guesses ahead if its token predictor is a `PromptLookup`. */
  sequence: LlamaContextSequence;
  /** Made when first needed: it takes a walk over the vocabulary. */
  noEndBias: () => TokenBias;
  /** Of a memory that cannot be cut back. @default none: it can */
  checkpoints?: Checkpoints | null;
}

/** An answer on its way. */
interface Writing {
  gate: PieceGate;
  /** Of one that follows grammars, or tells log-probabilities. */
  steering: AnswerSteering | null;
  /** The prompt's tokens and those written. */
  story: Token[];
  options: ReturnType<typeof samplingOptions> & { signal: AbortSignal };
}

/** Tokens that are read at once after a shift. */
const shiftChunk = 64;

/** One sequence of the context, with the node-llama-cpp objects that decode on it. */
export class LlamaSlot implements Slot {
  readonly #sequence: LlamaContextSequence;
  readonly #completion: LlamaCompletion;
  readonly #noEndBias: () => TokenBias;
  readonly #lookup: PromptLookup | null;
  readonly #checkpoints: Checkpoints | null;

  constructor({ sequence, noEndBias, checkpoints = null }: LlamaSlotOptions) {
    this.#sequence = sequence;
    this.#completion = new LlamaCompletion({ contextSequence: sequence });
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
    const behindThought = prompt.format !== null && prompt.thoughtEnd !== null;
    this.#lookup?.begin(prompt.request, prompt.tokens, { behindThought });
    try {
      return await this.#decode(prompt, options);
    } finally {
      if (this.#lookup) onSpeculation?.(this.#lookup.end());
    }
  }

  async #decode(prompt: LlamaPrompt, options: DecodeOptions): Promise<DecodeEnd> {
    const { choice, signal, maxTokens, room, onPiece } = options;
    const ended = new AbortController();
    // node-llama-cpp's own stop triggers keep what they hold back when the limit comes first.
    const gate = new PieceGate({ stop: prompt.request.stop, maxTokens, onPiece, onEnd: () => ended.abort() });
    const sampling = samplingOptions(prompt.request, choice, this.#noEndBias);
    const steering = this.#steer(prompt, sampling.seed);
    const writing: Writing = {
      gate,
      steering,
      story: [...prompt.tokens],
      options: {
        ...sampling,
        signal: AbortSignal.any([signal, ended.signal]),
      },
    };
    try {
      let limit = Math.min(maxTokens, room);
      let left = maxTokens;
      let reason = prompt.history
        ? await this.#respond(prompt, writing, limit)
        : await this.#complete(prompt, prompt.text, writing, limit);
      // What ended by its own limit is over, though tokens that make no text, or none yet, were not counted.
      while (limit < left && reason === 'maxTokens' && gate.end === null && gate.channel === 'content') {
        left = maxTokens - (writing.story.length - prompt.total);
        limit = Math.min(left, this.#sequence.contextSize - this.#keptByShift);
        if (limit > 0) reason = await this.#goOn(prompt, writing, limit);
      }
      gate.flush();
      return endOf(gate, steering, reason);
    } catch (thrown) {
      if (gate.end !== null) return endOf(gate, steering);
      gate.flush();
      throw thrown;
    }
  }

  /** Null for an answer that goes as LlamaChat has it. */
  #steer({ request, tools, format, thoughtEnd }: LlamaPrompt, seed: number): AnswerSteering | null {
    const logprobs = createLogprobSampler(this.#sequence, request, seed);
    const behindThought = format && thoughtEnd && { grammar: format, thoughtEnd };
    if (!tools && !behindThought && !logprobs) return null;
    return new AnswerSteering({ sequence: this.#sequence, tools, format: behindThought, logprobs });
  }

  async #respond(prompt: LlamaChatPrompt, writing: Writing, maxTokens: number) {
    const { gate, steering, story, options } = writing;
    const chat = new LlamaChat({
      contextSequence: steering?.sequence ?? this.#sequence,
      chatWrapper: prompt.wrapper,
    });
    try {
      const { metadata } = await chat.generateResponse(prompt.history, {
        ...options,
        ...constraints(prompt, writing),
        maxTokens,
        // No budgets; but to count them it would tokenise, in one go, an answer that the last message began.
        budgets: {
          thoughtTokens: Number.POSITIVE_INFINITY,
          commentTokens: Number.POSITIVE_INFINITY,
          includeCurrentResponse: false,
        },
        // What stands around calls takes room that nobody asked for. Where there is none left the answer ends: a shift
        // would read the conversation again in one go, or fail.
        contextShift: {
          size() {
            gate.endFull();
            throw new Error('the context is full');
          },
        },
        onResponseChunk: ({ text, tokens, segmentType }) => {
          if (text === '' && tokens.length === 0) return;
          for (const token of tokens) story.push(token);
          const channel = segmentType === 'thought' ? 'reasoning' : 'content';
          gate.push(steering?.text(text, tokens, channel) ?? { text, count: tokens.length, channel });
        },
      });
      return metadata.stopReason;
    } finally {
      chat.dispose();
    }
  }

  /** LlamaCompletion reports a piece in two calls: its tokens, then its text. */
  async #complete({ format }: LlamaPrompt, text: Token[], writing: Writing, maxTokens: number, stop: LlamaText[] = []) {
    const { gate, steering, story, options } = writing;
    const completion = steering ? new LlamaCompletion({ contextSequence: steering.sequence }) : this.#completion;
    let written: Token[] = [];
    const { metadata } = await completion.generateCompletionWithMeta(text, {
      ...options,
      ...(format && { grammar: format }),
      maxTokens,
      customStopTriggers: stop,
      // The prompt is known to fit; without this, it would be cut to leave room for a shift.
      disableContextShift: true,
      contextShiftSize: 1,
      onToken: (tokens) => {
        written = tokens;
        for (const token of tokens) story.push(token);
      },
      onTextChunk: (piece) =>
        gate.push(
          steering?.text(piece, written, 'content') ?? { text: piece, count: written.length, channel: 'content' },
        ),
    });
    // What was made for one answer goes with it; it leaves the sequence alone.
    if (steering) completion.dispose();
    return metadata.stopReason;
  }

  /** Tokens of a full context that a shift keeps. */
  get #keptByShift(): number {
    return Math.ceil(this.#sequence.contextSize / 2);
  }

  /**
   * Forgets the oldest half of a full context, reads the other half again and writes on, as raw text: node-llama-cpp
   * would shorten a chat by its messages, which fails where one message is too long, and read it again in one go.
   */
  async #goOn(prompt: LlamaPrompt, writing: Writing, limit: number) {
    const first = beginningTokens(this.#sequence.model);
    const text = writing.story.slice(first.length - this.#keptByShift);
    await this.#sequence.clearHistory();
    const again = [...first, ...text].slice(0, -1);
    for (let at = 0; at < again.length; at += shiftChunk) {
      writing.options.signal.throwIfAborted();
      await this.#sequence.evaluateWithoutGeneratingNewTokens(again.slice(at, at + shiftChunk));
    }
    return this.#complete(prompt, text, writing, limit, prompt.history ? prompt.stopTriggers : []);
  }

  /** Resolves when the context can give the sequence out again. */
  async dispose(): Promise<void> {
    this.#completion.dispose();
    await this.#sequence.dispose();
  }
}

/** `reason` is node-llama-cpp's, which counts where the gate did not end the answer. Of calls only whole ones are some. */
function endOf({ end, stopString }: PieceGate, steering: AnswerSteering | null, reason?: string): DecodeEnd {
  const own = reason === 'functionCalls' ? 'tool-calls' : reason === 'maxTokens' ? 'length' : 'stop';
  return { reason: end ?? own, stopString, toolCalls: steering?.toolCalls ?? [] };
}

/** What LlamaChat holds an answer to by itself; its types let nobody choose between the two. */
function constraints({ tools, format, thoughtEnd }: LlamaChatPrompt, { gate, steering }: Writing) {
  if (format && !thoughtEnd) return { grammar: format } as object;
  if (!tools) return {};
  const onFunctionCallParamsChunk = ({
    callIndex,
    functionName,
    paramsChunk,
  }: LlamaChatResponseFunctionCallParamsChunk) => {
    const piece = steering?.argumentsPiece(callIndex, functionName, paramsChunk);
    if (piece) gate.push(piece);
  };
  return {
    functions: steering?.functions,
    maxParallelFunctionCalls: tools.maxCalls,
    onFunctionCallParamsChunk,
  } as object;
}
