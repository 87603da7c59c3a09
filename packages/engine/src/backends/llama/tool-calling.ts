import { mayCallTools, type GenerateRequest, type Tool } from '@headway/protocol';
import {
  LlamaGrammar,
  type ChatModelFunctions,
  type ChatWrapper,
  type GbnfJsonSchema,
  type Llama,
} from 'node-llama-cpp';

import { argumentsSchema, compileArguments } from '../../check-grammars.ts';

/** How one request's tools are called. */
export interface ToolCalling {
  /** What LlamaChat may call. */
  functions: ChatModelFunctions;
  /** The grammar of a function's arguments, with `endOfArguments` behind them. */
  grammarOf: (name: string) => LlamaGrammar | undefined;
  /** Calls in one answer at most. */
  maxCalls: number;
}

/** A model that makes more goes round in circles. */
const mostCalls = 32;

/** LlamaChat knows by it that arguments are over. */
export const endOfArguments = '\n'.repeat(4);

/** Takes whatever a grammar of ours lets through: node-llama-cpp's own grammars and checks know half of JSON schema. */
const anyObject = { type: 'object', additionalProperties: true } as const satisfies GbnfJsonSchema;

/** Null when no tool may be called. */
export function prepareToolCalling(request: GenerateRequest, llama: Llama): ToolCalling | null {
  if (!mayCallTools(request)) return null;
  const { toolChoice, parallelToolCalls, tools = [] } = request;
  const callable = tools.filter(({ name }) => typeof toolChoice !== 'object' || name === toolChoice.name);
  return {
    functions: Object.fromEntries(callable.map(({ name, description }) => [name, { description, params: anyObject }])),
    grammarOf(name) {
      const tool = callable.find((one) => one.name === name);
      if (!tool) return undefined;
      return new LlamaGrammar(llama, { grammar: compileArguments(tool, { suffix: endOfArguments }).gbnf });
    },
    maxCalls: parallelToolCalls ? mostCalls : 1,
  };
}

/** Whether the answer is to begin with a call. */
function isForced({ toolChoice }: GenerateRequest): boolean {
  return toolChoice === 'required' || typeof toolChoice === 'object';
}

/** A chat wrapper that tells the model of tools and, where one has to be called, lets it write nothing else. */
export function withTools(wrapper: ChatWrapper, request: GenerateRequest): ChatWrapper {
  if (!mayCallTools(request)) return wrapper;
  const availableFunctions = documented(request.tools ?? []);
  const forced = isForced(request);
  const generateContextState: ChatWrapper['generateContextState'] = ({ chatHistory }) => {
    const state = wrapper.generateContextState({ chatHistory, availableFunctions, documentFunctionParams: true });
    if (!forced) return state;
    const { contextText, stopGenerationTriggers } = state;
    return {
      contextText,
      stopGenerationTriggers,
      functionCall: { initiallyEngaged: true, disengageInitiallyEngaged: [] },
    };
  };
  return Object.create(wrapper, { generateContextState: { value: generateContextState } }) as ChatWrapper;
}

/** The schemas as they were sent: most templates show them as JSON. */
function documented(tools: readonly Tool[]): ChatModelFunctions {
  return Object.fromEntries(
    tools.map((tool) => [
      tool.name,
      { description: tool.description, params: argumentsSchema(tool) as unknown as GbnfJsonSchema },
    ]),
  );
}
