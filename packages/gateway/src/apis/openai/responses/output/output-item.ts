import type { TokenLogprob } from '@headway/protocol';

import { optionalField } from '../../../../surface/optional-field.ts';
import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface OutputText {
  type: 'output_text';
  text: string;
  annotations: [];
  logprobs: OutputLogprob[];
}

export interface ReasoningText {
  type: 'reasoning_text';
  text: string;
}

export interface MessageItem {
  id: string;
  type: 'message';
  role: 'assistant';
  status: ItemStatus;
  content: OutputText[];
}

export interface ReasoningItem {
  id: string;
  type: 'reasoning';
  status: ItemStatus;
  summary: [];
  content: ReasoningText[];
}

export interface FunctionCallItem {
  id: string;
  type: 'function_call';
  status: ItemStatus;
  call_id: string;
  name: string;
  /** The function's namespace, if the request has it in one. */
  namespace?: string;
  /** JSON text. */
  arguments: string;
}

/** The client's name for a function that the model called. */
export function calledAs(
  name: string,
  names: ReadonlyMap<string, ToolName>,
): Pick<FunctionCallItem, 'name' | 'namespace'> {
  const { name: own, namespace } = names.get(name) ?? { name };
  return { name: own, ...optionalField('namespace', namespace) };
}

/** An entry of a response's `output`. */
export type OutputItem = MessageItem | ReasoningItem | FunctionCallItem;

export interface OutputLogprob {
  token: string;
  bytes: number[];
  logprob: number;
  top_logprobs: { token: string; bytes: number[]; logprob: number }[];
}

export function outputLogprob({ token, bytes, logprob, top }: TokenLogprob): OutputLogprob {
  return { token, bytes, logprob, top_logprobs: top };
}

export function outputText(text = '', logprobs: OutputLogprob[] = []): OutputText {
  return { type: 'output_text', text, annotations: [], logprobs };
}
