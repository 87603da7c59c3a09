import { Field, fieldError, sentence, type GenerateRequest, type TokenLogprob } from '@headway/protocol';
import {
  LlamaGrammarEvaluationState,
  type LlamaContextSequence,
  type LlamaGrammar,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';

import { chooseToken, seededRandom, take } from '../../../backend/choose-token.ts';
import { tokenText } from '../tokenizer/token-text.ts';

export interface LogprobSampler {
  /**
   * Draws the next token and describes its probability before temperature and cuts. node-llama-cpp reports the
   * probabilities only after both, so the request runs without them there, and the token is drawn here.
   */
  choose(probabilities: ReadonlyMap<Token, number>, grammar: LlamaGrammarEvaluationState | undefined): ChosenToken;
  /** Describes a token that the model did not choose. */
  withLogprob(probabilities: ReadonlyMap<Token, number>, token: Token): ChosenToken;
}

interface ChosenToken {
  token: Token;
  logprob: TokenLogprob;
}

/** JSON has no infinities; OpenAI's API uses -9999 for the all but impossible. */
const leastLogprob = -9999;

/** Null when the request asks for no log-probabilities. */
export function createLogprobSampler(
  sequence: LlamaContextSequence,
  request: GenerateRequest,
  seed: number,
): LogprobSampler | null {
  const { logprobs: top } = request;
  const { model } = sequence;
  if (top === undefined) return null;
  const random = seededRandom(seed);
  const describe = (token: Token, probability: number) => ({
    ...tokenText(model, token),
    logprob: probability > 0 ? Math.log(probability) : leastLogprob,
  });
  const withLogprob = (probabilities: ReadonlyMap<Token, number>, token: Token): ChosenToken => ({
    token,
    logprob: {
      ...describe(token, probabilities.get(token) ?? 0),
      top: take(probabilities, top).map(([other, probability]) => describe(other, probability)),
    },
  });
  return {
    withLogprob,
    choose(probabilities, grammar) {
      const rules = grammar && openGrammar(sequence.model, grammar);
      const token = chooseToken(probabilities, request, { random, allows: rules?.allows });
      if (token === null) throw new Error('the grammar allows no further token');
      rules?.accept(token);
      return withLogprob(probabilities, token);
    },
  };
}

/** A private interface of node-llama-cpp. The test of log-probabilities under a grammar fails when it changes. */
interface GrammarBindings {
  canBeNextTokenForGrammarEvaluationState(state: unknown, token: Token): boolean;
  acceptGrammarEvaluationStateToken(state: unknown, token: Token): void;
}

/**
 * The grammar's state after `text`.
 *
 * @throws HeadwayError `invalid-request` when no text of the grammar begins with `text`
 */
export function grammarAfter(model: LlamaModel, grammar: LlamaGrammar, text: string): LlamaGrammarEvaluationState {
  const state = new LlamaGrammarEvaluationState({ model, grammar });
  const { allows, accept } = openGrammar(model, state);
  for (const token of model.tokenize(text, false, 'trimLeadingSpace')) {
    if (!allows(token)) {
      const format = new Field('responseFormat');
      throw fieldError({
        path: ['messages'],
        ...sentence`the text that the last message begins does not fit ${format}; remove that message, or begin it as the format does`,
      });
    }
    accept(token);
  }
  return state;
}

function openGrammar(model: LlamaModel, grammar: LlamaGrammarEvaluationState) {
  const { _bindings: bindings } = model.llama as unknown as { _bindings: { AddonSampler: GrammarBindings } };
  const { _state: state } = grammar as unknown as { _state: unknown };
  return {
    allows: (token: Token) => bindings.AddonSampler.canBeNextTokenForGrammarEvaluationState(state, token),
    accept: (token: Token) => bindings.AddonSampler.acceptGrammarEvaluationStateToken(state, token),
  };
}
