import { mayCallTools, type GenerateRequest, type Tool } from '@headway/protocol';
import { LlamaGrammar, type LlamaModel } from 'node-llama-cpp';

import { argumentsSchema, compileArguments } from '../../../grammar/check-grammars.ts';
import { compileFormat } from '../../../grammar/format-grammar.ts';
import {
  answerGrammar,
  callGrammar,
  type AnswerGrammarOptions,
  type CallStage,
} from '../calls/grammar/answer-grammar.ts';
import type { CallForm } from '../calls/form/call-form.ts';
import type { GrammarTool } from '../calls/grammar/write-arguments.ts';
import { endMarks } from '../prompt/content/special-marks.ts';
import type { PromptEnd } from '../prompt/prompt-end.ts';
import { grammarBehind } from './token-logprobs.ts';

/** What an answer must follow. */
export interface AnswerRules {
  /** Of all of it, thoughts apart; null where the model may say what it likes. */
  whole: { first: LlamaGrammar; behindThought: LlamaGrammar } | null;
  /** Of what is left of a call that the model began by itself, any or one of this name. */
  ofCall: (name: string | null, stage: CallStage) => LlamaGrammar;
  /** Tools that may be called. */
  tools: readonly Tool[];
  /** Calls in one answer at most. */
  maxCalls: number;
}

export interface RulesOptions {
  model: LlamaModel;
  form: CallForm;
  /** Where the prompt ends: in an opened thought, behind one, in what is said, or before all that. */
  promptEnd: PromptEnd;
  /** What the prompt ends with of what is said. */
  begun: string;
}

/** What stands before an answer, for its grammar. */
const standings = {
  'in-thought': 'thought',
  'behind-thought': 'thought',
  'in-answer': 'said',
  'before-answer': 'free',
} as const satisfies Record<PromptEnd, AnswerGrammarOptions['before']>;

/** A model that makes more goes round in circles. */
const mostCalls = 32;

/** @throws HeadwayError `invalid-request` when a format does not fit what the last message begins */
export function answerRules(request: GenerateRequest, { model, form, promptEnd, begun }: RulesOptions): AnswerRules {
  const { responseFormat, toolChoice, parallelToolCalls } = request;
  const named = typeof toolChoice === 'object' ? toolChoice.name : null;
  const offered = mayCallTools(request) ? (request.tools ?? []) : [];
  const tools = named === null ? offered : offered.filter(({ name }) => name === named);
  const forced = tools.length > 0 && (named !== null || toolChoice === 'required');
  const format = responseFormat && !forced ? compileFormat(responseFormat).gbnf : null;
  const grammarOf = (grammar: string) => new LlamaGrammar(model.llama, { grammar });
  const marks = () => endMarks(model);
  const rules: AnswerRules = {
    whole: null,
    ofCall(name, stage) {
      const called = name === null ? tools : tools.filter((tool) => tool.name === name);
      return grammarOf(callGrammar(form, called.map(grammarTool), { stage, endMarks: marks() }));
    },
    tools,
    maxCalls: parallelToolCalls ? mostCalls : 1,
  };
  if (!forced && format === null) return rules;
  // Calls do not begin in the middle of what is said.
  const calls =
    tools.length > 0 && (forced || promptEnd !== 'in-answer')
      ? { tools: tools.map(grammarTool), parallel: parallelToolCalls }
      : null;
  const write = (before: AnswerGrammarOptions['before']) =>
    grammarOf(answerGrammar({ form, calls, format, before, endMarks: calls ? marks() : [] }));
  const first = write(standings[promptEnd]);
  // Large tools make large grammars: where no thought comes before, one is enough.
  const thinksFirst = form.thought !== null && promptEnd === 'before-answer';
  rules.whole = { first, behindThought: thinksFirst ? write('thought') : first };
  // Refused before anything is read for it.
  if (begun !== '' && format !== null) grammarBehind(model, first, begun);
  return rules;
}

function grammarTool(tool: Tool): GrammarTool {
  return {
    name: tool.name,
    argumentsRoot: compileArguments(tool, {}).gbnf,
    parameters: argumentsSchema(tool),
  };
}
