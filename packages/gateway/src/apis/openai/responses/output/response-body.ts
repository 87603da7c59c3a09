import type { GenerationResult } from '@headway/protocol';

import type { AnswerHead } from '../../../../surface/generation-surface.ts';
import { calledAs, outputLogprob, outputText, type OutputItem } from './output-item.ts';
import { responseObject } from './response-object.ts';
import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import type { AskedResponse } from '../input/responses-request.ts';

/**
 * The body of an unstreamed answer. It equals the response in a stream's `response.completed` or `response.incomplete`,
 * except that only a stream shows the start of a call that the token limit cut off.
 */
export function responseBody(
  head: AnswerHead,
  { request, toolNames }: { request: AskedResponse; toolNames: ReadonlyMap<string, ToolName> },
  result: GenerationResult,
): object {
  const { finishReason, usage, reasoningTokens, timings } = result;
  const status = finishReason === 'length' ? 'incomplete' : 'completed';
  const output = outputOf(head.id, result, { status, toolNames });
  return responseObject(head, request, { status, output, cost: { usage, reasoningTokens, timings } });
}

/** The output items: reasoning, text, calls. The last one gets `status`, since the token limit cuts the last one. */
export function outputOf(
  id: string,
  {
    text,
    reasoning,
    toolCalls,
    logprobs = [],
  }: Pick<GenerationResult, 'text' | 'reasoning' | 'toolCalls' | 'logprobs'>,
  { status, toolNames }: { status: 'completed' | 'incomplete'; toolNames: ReadonlyMap<string, ToolName> },
): OutputItem[] {
  const items: OutputItem[] = [];
  const nextId = (prefix: string) => `${prefix}_${id}_${items.length}`;
  const begun = { status: 'completed' as const };
  if (reasoning !== '') {
    const content = [{ type: 'reasoning_text' as const, text: reasoning }];
    items.push({ id: nextId('rs'), type: 'reasoning', ...begun, summary: [], content });
  }
  if (text !== '' || (items.length === 0 && toolCalls.length === 0)) {
    const content = [outputText(text, logprobs.map(outputLogprob))];
    items.push({ id: nextId('msg'), type: 'message', role: 'assistant', ...begun, content });
  }
  for (const { id: callId, name, arguments: args } of toolCalls) {
    items.push({
      id: nextId('fc'),
      type: 'function_call',
      ...begun,
      call_id: callId,
      ...calledAs(name, toolNames),
      arguments: args,
    });
  }
  const last = items.at(-1);
  if (last) last.status = status;
  return items;
}
