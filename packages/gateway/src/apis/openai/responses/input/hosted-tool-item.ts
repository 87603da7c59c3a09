import type { z } from 'zod';

import { readableText } from '../../../../surface/content/readable-text.ts';
import { hostedCallText, hostedResultText } from '../../../../surface/content/hosted-tool-text.ts';
import { readOr } from '../../../../surface/read-or.ts';
import { callId, type FunctionCall, type FunctionCallOutput } from './function-call-item.ts';

/** A call or result of a provider's hosted tool in the history, as text; `''` if it means nothing to another model. */
export interface HostedToolItem {
  type: 'hosted-tool';
  text: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Read = HostedToolItem | FunctionCall | FunctionCallOutput;

/** Tools that the client ran become a function call and its output. */
const called = (name: string, input: (item: Fields) => unknown) => (item: Fields) =>
  callId.safeParse(item.call_id).success
    ? {
        type: 'function_call' as const,
        call_id: item.call_id as string,
        name,
        arguments: JSON.stringify(input(item) ?? {}),
      }
    : null;

const gave =
  (idOf: (item: Fields) => unknown = ({ call_id }) => call_id) =>
  (item: Fields) => {
    const id = idOf(item);
    return callId.safeParse(id).success
      ? { type: 'function_call_output' as const, call_id: id as string, output: readableText(item.output) }
      : null;
  };

/** Tools that ran on the provider's servers become text. */
const asText =
  (...texts: ((item: Fields) => string | null)[]) =>
  (item: Fields): HostedToolItem => ({
    type: 'hosted-tool',
    text: texts.flatMap((text) => text(item) ?? []).join('\n'),
  });

const nothing = (): HostedToolItem => ({ type: 'hosted-tool', text: '' });

const resultIn = (tool: string, field: string) => (item: Fields) => {
  const result = item[field];
  return result === null || result === undefined ? null : hostedResultText(tool, result);
};

const mcpName = ({ server_label: server, name }: Fields) =>
  [server, name].filter((part) => typeof part === 'string').join('.') || 'mcp';

/** Readers of OpenAI's items of hosted tools, by type. */
const readers: Readonly<Record<string, (item: Fields) => Read | null>> = {
  custom_tool_call: (item) =>
    called(typeof item.name === 'string' ? item.name : 'custom', ({ input }) => ({ input: input ?? '' }))(item),
  custom_tool_call_output: gave(),
  local_shell_call: called('local_shell', ({ action }) => action),
  // This item's `id` is the id of the call.
  local_shell_call_output: gave(({ call_id, id }) => call_id ?? id),
  shell_call: called('shell', ({ action }) => action),
  shell_call_output: gave(),
  apply_patch_call: called('apply_patch', ({ operation }) => operation),
  apply_patch_call_output: gave(),
  computer_call: called('computer', ({ action, actions }) => action ?? actions),
  computer_call_output: (item) =>
    gave()({ ...item, output: readableText(item.output) || '[screenshot left out: this model reads text only]' }),
  web_search_call: asText(({ action }) => hostedCallText('web_search', action)),
  file_search_call: asText(({ queries }) => hostedCallText('file_search', queries), resultIn('file_search', 'results')),
  code_interpreter_call: asText(
    ({ code }) => hostedCallText('code_interpreter', code),
    resultIn('code_interpreter', 'outputs'),
  ),
  image_generation_call: asText(() => '[image left out: this model reads text only]'),
  mcp_call: asText(
    (item) => hostedCallText(mcpName(item), item.arguments),
    (item) => resultIn(mcpName(item), 'output')(item),
    (item) => resultIn(mcpName(item), 'error')(item),
  ),
  mcp_approval_request: nothing,
  mcp_approval_response: nothing,
  mcp_list_tools: nothing,
  tool_search_call: nothing,
  tool_search_output: nothing,
  compaction: nothing,
  compaction_trigger: nothing,
  additional_tools: nothing,
  program: nothing,
  program_output: nothing,
};

/** Whether items of a type belong to a hosted tool. */
export function isHostedToolType(type: unknown): boolean {
  return typeof type === 'string' && Object.hasOwn(readers, type);
}

/** A schema that also accepts items of hosted tools. */
export function orHostedToolItem<Schema extends z.ZodType>(schema: Schema) {
  return readOr(readHostedTool, schema);
}

/** Null for any other item, and for one without a valid call id. */
function readHostedTool(item: unknown): Read | null {
  if (typeof item !== 'object' || item === null || !('type' in item) || !isHostedToolType(item.type)) return null;
  return readers[item.type as string]?.(item as Fields) ?? null;
}
