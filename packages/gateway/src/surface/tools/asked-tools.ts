import type { FieldPath } from '@headway/protocol';

import { isHosted, type HostedTool } from './hosted-tool.ts';

/** What a request's tools became. */
export interface AskedTools {
  /** What was left out, by its type. */
  leftOut: readonly string[];
  /** Where each tool that the model is told of stands in the request: `tools[2]`. */
  places: readonly FieldPath[];
}

export interface AskedToolsOptions<Tool> {
  /** What else was left out. */
  others?: readonly string[];
  /** Which tools the model is told of. @default all that are not hosted */
  keeps?: (tool: Tool) => boolean;
}

/** Hosted tools are left out. */
export function askedTools<Tool extends object>(
  tools: readonly (Tool | HostedTool)[] | null | undefined,
  { others = [], keeps = () => true }: AskedToolsOptions<Tool> = {},
): AskedTools {
  const places = (tools ?? []).flatMap((tool, at): FieldPath[] =>
    isHosted(tool) || !keeps(tool) ? [] : [['tools', at]],
  );
  const hosted = (tools ?? []).flatMap((tool) => (isHosted(tool) ? [tool.hosted] : []));
  return { leftOut: [...new Set([...hosted, ...others])], places };
}
