import type { GenerateRequest, Speculation } from '@headway/protocol';
import { InputLookupTokenPredictor, TokenPredictor, type Token } from 'node-llama-cpp';

import { draftLength } from './draft-length.ts';
import { penalizes } from '../decode/sampling.ts';
import { StepTimes } from './step-times.ts';

/** Most tokens in a draft. */
const longest = 4;

/**
 * The answer must end with this many tokens in a row from the prompt before the tokens that follow there are a draft.
 */
const shortestMatch = 2;

/** A longer match makes no better draft, and makes the search of a prompt of one repeated token very slow. */
const longestMatch = 8;

/** One step in this many has no draft: its duration is the baseline, which changes with the load. */
const measuredEvery = 16;

/** Assumed acceptance of a generation before its first draft. The estimate also drifts back to it. */
const prior = 0.7;

/** Weight of the latest drafted token in the acceptance, and the share of it that decays with each step. */
const weight = 0.1;
const decay = 1 / 128;

/**
 * Drafts for one sequence: where the answer ends with tokens that the prompt holds, the draft is what follows them in
 * the prompt. The engine writes a drafted token only when the model would have written it. Each step is timed, and
 * drafting stops when it does not pay.
 */
export class PromptLookup extends TokenPredictor {
  readonly #lookup = new InputLookupTokenPredictor({
    patternLength: { min: shortestMatch, max: longestMatch },
    predictionLength: { min: 1, max: longest },
  });
  readonly #times = new StepTimes();
  #guessing = false;
  #acceptance = prior;
  #speculation: Speculation = { drafted: 0, accepted: 0, acceptanceRate: null };
  /** The current step: when it began, how many tokens it drafted, and how many tokens it has written. */
  #step: { since: number; drafted: number; written: number } | null = null;

  readonly #lengthOf: typeof draftLength;

  constructor(lengthOf = draftLength) {
    super();
    this.#lengthOf = lengthOf;
    // node-llama-cpp would tokenize the last message here in one call; `begin` already has the prompt's tokens.
    Object.defineProperty(this, 'updateInputTokens', { value: undefined });
  }

  /**
   * Call this before decoding an answer. If the grammar changes during the answer, this class drafts nothing:
   * a token's grammar is known only after the tokens before it.
   */
  begin(request: GenerateRequest, prompt: readonly Token[], { rulesChange = false } = {}): void {
    this.#guessing = !rulesChange && maySpeculate(request);
    this.#acceptance = prior;
    this.#speculation = { drafted: 0, accepted: 0, acceptanceRate: null };
    this.#step = null;
    this.#lookup.updateInputTokens([...prompt]);
  }

  /** Whether it drafts tokens of the current answer. */
  get drafts(): boolean {
    return this.#guessing;
  }

  /** Must be called when the answer has ended. Returns its counts. */
  end(): Speculation {
    this.#endStep();
    this.#guessing = false;
    this.#lookup.updateInputTokens([]);
    const { drafted, accepted } = this.#speculation;
    return { drafted, accepted, acceptanceRate: drafted > 0 ? accepted / drafted : null };
  }

  override reset({ stateTokens }: { stateTokens: Token[] }): void {
    this.#endStep();
    if (this.#guessing) this.#lookup.reset({ stateTokens });
  }

  override pushTokens(tokens: Token[]): void {
    if (this.#step) this.#step.written += tokens.length;
    if (this.#guessing) this.#lookup.pushTokens(tokens);
  }

  override predictTokens(): Token[] {
    const now = performance.now();
    this.#endStep(now);
    const guesses = this.#guessing && this.#times.age(1) < measuredEvery;
    const length = guesses ? this.#lengthOf({ acceptance: this.#acceptance, msOf: this.#times.msOf, longest }) : 0;
    const draft = length > 0 ? this.#lookup.predictTokens().slice(0, length) : [];
    this.#step = { since: now, drafted: draft.length, written: 0 };
    return draft;
  }

  override dispose(): void {
    this.#lookup.dispose();
  }

  /** With `now` the step ended then. Without it the step was broken off, and only its drafted tokens count. */
  #endStep(now?: number): void {
    if (!this.#step) return;
    const { since, drafted, written } = this.#step;
    this.#step = null;
    if (now !== undefined) this.#times.add(1 + drafted, now - since);
    this.#acceptance += decay * (prior - this.#acceptance);
    if (drafted === 0) return;
    // The step's own token comes first; a wrong drafted token voids those after it.
    const accepted = Math.min(drafted, Math.max(0, written - 1));
    for (let at = 0; at < Math.min(drafted, accepted + 1); at++)
      this.#acceptance += weight * ((at < accepted ? 1 : 0) - this.#acceptance);
    this.#speculation.drafted += drafted;
    this.#speculation.accepted += accepted;
  }
}

/**
 * Whether drafts leave the request's result as it would be. Each drafted token draws a random number as a token does,
 * so a seed would give another text; and drafted tokens are drawn without the penalties of the drafted tokens before
 * them.
 */
function maySpeculate(request: GenerateRequest): boolean {
  const { temperature, seed, logprobs } = request;
  return (temperature === 0 || seed === undefined) && !penalizes(request) && logprobs === undefined;
}
