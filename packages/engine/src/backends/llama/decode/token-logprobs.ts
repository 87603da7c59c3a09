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
   * The next token, and what the model thought of it before temperature and cuts. node-llama-cpp tells the probabilities
   * of what it draws from only after both, so it is told to draw nothing, and the token is drawn here.
   */
  choose(probabilities: ReadonlyMap<Token, number>, grammar: LlamaGrammarEvaluationState | undefined): Choice;
  /** A token that the model did not choose, and what it thought of it. */
  given(probabilities: ReadonlyMap<Token, number>, token: Token): Choice;
}

interface Choice {
  token: Token;
  logprob: TokenLogprob;
}

/** JSON has no infinities; OpenAI's API says -9999 for what is all but impossible. */
const leastLogprob = -9999;

/** Null when the request asks for none. */
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
  const given = (probabilities: ReadonlyMap<Token, number>, token: Token): Choice => ({
    token,
    logprob: {
      ...describe(token, probabilities.get(token) ?? 0),
      top: take(probabilities, top).map(([other, probability]) => describe(other, probability)),
    },
  });
  return {
    given,
    choose(probabilities, grammar) {
      const rules = grammar && openGrammar(sequence.model, grammar);
      const token = chooseToken(probabilities, request, { random, allows: rules?.allows });
      if (token === null) throw new Error('the grammar lets the model write nothing more');
      rules?.accept(token);
      return given(probabilities, token);
    },
  };
}

/** node-llama-cpp keeps these two to itself; the test of log-probabilities under a grammar fails when they change. */
interface GrammarBindings {
  canBeNextTokenForGrammarEvaluationState(state: unknown, token: Token): boolean;
  acceptGrammarEvaluationStateToken(state: unknown, token: Token): void;
}

/**
 * What a text may go on with that has begun as `text` does.
 *
 * @throws HeadwayError `invalid-request` when the grammar lets none begin so
 */
export function grammarBehind(model: LlamaModel, grammar: LlamaGrammar, text: string): LlamaGrammarEvaluationState {
  const state = new LlamaGrammarEvaluationState({ model, grammar });
  const { allows, accept } = openGrammar(model, state);
  for (const token of model.tokenize(text, false, 'trimLeadingSpace')) {
    if (!allows(token)) {
      const format = new Field('responseFormat');
      throw fieldError({
        path: ['messages'],
        ...sentence`what the last message begins does not fit ${format}; leave that message out, or begin as the format does`,
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
