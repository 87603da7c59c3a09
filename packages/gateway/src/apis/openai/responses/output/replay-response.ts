import type { GenerationEvent } from '@headway/protocol';

import { endsCancelled } from '../../../../surface/cancelled-by-viewer.ts';
import { UnstreamedToolCalls } from '../../../../surface/stream/unstreamed-tool-calls.ts';
import { openAiErrorBody } from '../../openai-error.ts';
import type { FieldNames } from '../../../../surface/field-names.ts';
import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import { OutputWriter } from './output-writer.ts';
import type { ResponseState } from './response-object.ts';

export interface ReplayOptions {
  /** The generation's id. */
  id: string;
  names: FieldNames;
  toolNames: ReadonlyMap<string, ToolName>;
}

/** The state of a response after these events of its generation, with the same items and ids as its stream. */
export async function replayResponse(
  events: AsyncIterable<GenerationEvent>,
  { id, names, toolNames }: ReplayOptions,
): Promise<ResponseState> {
  const output = new OutputWriter(id, toolNames);
  const unstreamedCalls = new UnstreamedToolCalls();
  let state: Omit<ResponseState, 'output'> = { status: 'in_progress' };
  for await (const event of events) {
    switch (event.type) {
      case 'prefill':
      case 'span':
        break;
      case 'token':
        unstreamedCalls.add(event);
        output.write(event);
        break;
      case 'done':
        if (endsCancelled(event)) {
          output.abandon();
          state = { status: 'cancelled' };
        } else {
          for (const call of unstreamedCalls.of(event)) output.write(call);
          const status = event.finishReason === 'length' ? 'incomplete' : 'completed';
          output.end(status);
          const { usage, timings } = event;
          state = { status, cost: { usage, timings, reasoningTokens: output.reasoningTokens } };
        }
        break;
      case 'error': {
        output.abandon();
        const { code, message } = openAiErrorBody(event, names).error;
        state = { status: 'failed', error: { code, message } };
        break;
      }
      default:
        event satisfies never;
    }
  }
  return { ...state, output: output.items };
}
