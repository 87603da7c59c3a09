import type { TokenLogprob, ToolCall } from '@headway/protocol';
import {
  LlamaGrammarEvaluationState,
  type ChatModelFunctions,
  type LlamaContextSequence,
  type Token,
} from 'node-llama-cpp';

import type { DecodedPiece } from '../../backend.ts';
import { createToolCallId } from '../../create-tool-call-id.ts';
import { steerSequence } from './steered-sequence.ts';
import type { LogprobSampler } from './token-logprobs.ts';
import { endOfArguments, type ToolCalling } from './tool-calling.ts';

export interface AnswerSteeringOptions {
  sequence: LlamaContextSequence;
  tools: ToolCalling;
  logprobs: LogprobSampler | null;
}

/** Has an answer follow grammars of ours, and adds to its pieces what LlamaChat does not tell. */
export class AnswerSteering {
  readonly #options: AnswerSteeringOptions;
  /** The function whose arguments LlamaChat has just asked for a grammar of. */
  #asked: string | null = null;
  /** LlamaChat's states of grammars, and what takes their place. */
  readonly #states = new WeakMap<LlamaGrammarEvaluationState, LlamaGrammarEvaluationState>();
  /** Tokens that are in no piece yet. */
  #pending: { token: Token; logprob: TokenLogprob | null }[] = [];
  readonly #calls: (ToolCall & { ended: boolean })[] = [];

  /** What LlamaChat and LlamaCompletion write on. */
  readonly sequence: LlamaContextSequence;
  /** What LlamaChat may call. */
  readonly functions: ChatModelFunctions;

  constructor(options: AnswerSteeringOptions) {
    this.#options = options;
    const { sequence, tools, logprobs } = options;
    this.functions = this.#listened(tools.functions);
    this.sequence = steerSequence(sequence, {
      grammar: (own) => this.#grammar(own),
      onToken: (token, logprob) => this.#onToken(token, logprob),
      logprobs,
    });
  }

  /** The calls that are whole. */
  get toolCalls(): ToolCall[] {
    return this.#calls.flatMap(({ ended, ...call }) => (ended ? [call] : []));
  }

  /** A piece of text, of these tokens. */
  text(text: string, tokens: readonly Token[], channel: DecodedPiece['channel']): DecodedPiece {
    const logprobs = tokens.flatMap((token) => this.#take(token) ?? []);
    return { text, count: tokens.length, channel, ...(this.#options.logprobs && { logprobs }) };
  }

  /** A piece of a call's arguments; null when it has nothing to say. */
  argumentsPiece(index: number, name: string, chunk: string): DecodedPiece | null {
    const pending = this.#pending;
    this.#pending = [];
    const call = (this.#calls[index] ??= { id: createToolCallId(), name, arguments: '', ended: false });
    if (call.ended) return null;
    // A line break within JSON of ours is always escaped.
    const end = chunk.indexOf(endOfArguments.charAt(0));
    const text = end < 0 ? chunk : chunk.slice(0, end);
    call.arguments += text;
    call.ended = end >= 0;
    if (text === '') return null;
    const logprobs = pending.flatMap(({ logprob }) => logprob ?? []);
    return {
      text,
      count: pending.length,
      channel: 'tool-call',
      toolCall: { index, id: call.id, name },
      ...(this.#options.logprobs && { logprobs }),
    };
  }

  /** Functions that tell when LlamaChat is about to write the arguments of one. */
  #listened(functions: ChatModelFunctions): ChatModelFunctions {
    return Object.fromEntries(
      Object.entries(functions).map(([name, { params, ...rest }]) => [
        name,
        Object.defineProperty({ ...rest }, 'params', {
          enumerable: true,
          get: () => {
            this.#asked = name;
            return params;
          },
        }),
      ]),
    );
  }

  #grammar(own: LlamaGrammarEvaluationState | undefined): LlamaGrammarEvaluationState | undefined {
    if (!own) return undefined;
    const known = this.#states.get(own);
    if (known) return known;
    const grammar = this.#asked === null ? undefined : this.#options.tools.grammarOf(this.#asked);
    this.#asked = null;
    const state = grammar ? new LlamaGrammarEvaluationState({ model: this.#options.sequence.model, grammar }) : own;
    this.#states.set(own, state);
    return state;
  }

  #onToken(token: Token, logprob: TokenLogprob | null): void {
    const { model } = this.#options.sequence;
    if (!model.isEogToken(token)) this.#pending.push({ token, logprob });
  }

  /** The tokens up to this one are accounted for: what LlamaChat swallowed, such as the marks of a thought, among them. */
  #take(token: Token): TokenLogprob | null {
    const at = this.#pending.findIndex((pending) => pending.token === token);
    if (at < 0) return null;
    const [taken] = this.#pending.splice(0, at + 1).slice(-1);
    return taken?.logprob ?? null;
  }
}
