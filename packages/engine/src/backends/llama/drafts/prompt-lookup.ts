import type { GenerateRequest, Speculation } from '@headway/protocol';
import { InputLookupTokenPredictor, TokenPredictor, type Token } from 'node-llama-cpp';

import { draftLength } from './draft-length.ts';
import { penalizes } from '../decode/sampling.ts';
import { StepTimes } from './step-times.ts';

/** Most tokens guessed ahead. */
const longest = 4;

/** Tokens that must have been written in the order in which they stand in the prompt before what follows is a guess. */
const shortestMatch = 2;

/** More would not make a better guess, and a prompt of one token over and over would take ages to search. */
const longestMatch = 8;

/** Every so many steps one is made without guesses: what that takes is the measure, and changes with the load. */
const measuredEvery = 16;

/** What a generation's guesses are taken for before any was made, and what they are taken for again in time. */
const prior = 0.7;

/** Weight of the latest guess, and of a token's time in forgetting what guesses were worth. */
const weight = 0.1;
const oblivion = 1 / 128;

/**
 * Guesses that the answer goes on as the prompt does where it holds the last few tokens, for one sequence. A guess is
 * only written when the model would have written it. Guesses as long as that has paid: each step is timed.
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
  /** The step at hand: when it began, what it guessed, and how much of that has been written. */
  #step: { since: number; drafted: number; written: number } | null = null;

  readonly #lengthOf: typeof draftLength;

  constructor(lengthOf = draftLength) {
    super();
    this.#lengthOf = lengthOf;
    // The answer's call would have the last message tokenised in one go first; `begin` has the prompt's tokens already.
    Object.defineProperty(this, 'updateInputTokens', { value: undefined });
  }

  /**
   * Called before an answer is written. Where the rules change on the way nothing is guessed: which grammar a token
   * follows is known only when those before it have been seen.
   */
  begin(request: GenerateRequest, prompt: readonly Token[], { rulesChange = false } = {}): void {
    this.#guessing = !rulesChange && keepsPromises(request);
    this.#acceptance = prior;
    this.#speculation = { drafted: 0, accepted: 0, acceptanceRate: null };
    this.#step = null;
    this.#lookup.updateInputTokens([...prompt]);
  }

  /** Called when it has been written, or was ended. */
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

  /** With a time, the step has come to its end by then; else it was broken off and only its guesses count. */
  #endStep(now?: number): void {
    if (!this.#step) return;
    const { since, drafted, written } = this.#step;
    this.#step = null;
    if (now !== undefined) this.#times.add(1 + drafted, now - since);
    this.#acceptance += oblivion * (prior - this.#acceptance);
    if (drafted === 0) return;
    // The step's own token comes first; a guess that was wrong makes those behind it void.
    const accepted = Math.min(drafted, Math.max(0, written - 1));
    for (let at = 0; at < Math.min(drafted, accepted + 1); at++)
      this.#acceptance += weight * ((at < accepted ? 1 : 0) - this.#acceptance);
    this.#speculation.drafted += drafted;
    this.#speculation.accepted += accepted;
  }
}

/**
 * Whether guessing leaves the request what it was promised. Each guess draws a number as each token does, so a seed
 * would give other texts; and guesses are drawn without the penalties that those before them bring.
 */
function keepsPromises(request: GenerateRequest): boolean {
  const { temperature, seed, logprobs } = request;
  return (temperature === 0 || seed === undefined) && !penalizes(request) && logprobs === undefined;
}
