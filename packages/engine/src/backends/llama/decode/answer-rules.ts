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
import { grammarAfter } from './token-logprobs.ts';

/** The grammars that an answer must follow. */
export interface AnswerRules {
  /** For the whole answer, except its thoughts; null where the answer is free. */
  whole: { first: LlamaGrammar; afterThought: LlamaGrammar } | null;
  /** For the rest of a call that the model began unasked: a call of this tool, or of any with null. */
  ofCall: (name: string | null, stage: CallStage) => LlamaGrammar;
  /** Tools that the model may call. */
  tools: readonly Tool[];
  /** Most calls in one answer. */
  maxCalls: number;
}

export interface RulesOptions {
  model: LlamaModel;
  form: CallForm;
  /** Where the prompt ends: in an open thought, after a thought, in the answer's text, or before the answer. */
  promptEnd: PromptEnd;
  /** The part of the answer's text that the prompt already holds. */
  begun: string;
}

/** The state in which the answer's grammar begins, by where the prompt ends. */
const grammarStarts = {
  'in-thought': 'thought',
  'after-thought': 'thought',
  'in-answer': 'content',
  'before-answer': 'free',
} as const satisfies Record<PromptEnd, AnswerGrammarOptions['before']>;

/** A model that calls more often is in a loop. */
const mostCalls = 32;

/** @throws HeadwayError `invalid-request` when the last message's beginning of the answer does not fit its format */
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
  // A call cannot begin in the middle of the answer's text.
  const calls =
    tools.length > 0 && (forced || promptEnd !== 'in-answer')
      ? { tools: tools.map(grammarTool), parallel: parallelToolCalls }
      : null;
  const write = (before: AnswerGrammarOptions['before']) =>
    grammarOf(answerGrammar({ form, calls, format, before, endMarks: calls ? marks() : [] }));
  const first = write(grammarStarts[promptEnd]);
  // Large tools make large grammars: one grammar is enough where no thought comes first.
  const thinksFirst = form.thought !== null && promptEnd === 'before-answer';
  rules.whole = { first, afterThought: thinksFirst ? write('thought') : first };
  // Throws before prefill when `begun` does not fit.
  if (begun !== '' && format !== null) grammarAfter(model, first, begun);
  return rules;
}

function grammarTool(tool: Tool): GrammarTool {
  return {
    name: tool.name,
    argumentsRoot: compileArguments(tool, {}).gbnf,
    parameters: argumentsSchema(tool),
  };
}
