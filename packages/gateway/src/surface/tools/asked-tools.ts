import type { FieldPath } from '@headway/protocol';

import { isHosted, type HostedTool } from './hosted-tool.ts';

/** Which tools of a request the model gets, and which the gateway leaves out. */
export interface AskedTools {
  /** The types of the left-out tools. */
  leftOut: readonly string[];
  /** The path in the request of each kept tool: `tools[2]`. */
  places: readonly FieldPath[];
}

export interface AskedToolsOptions<Tool> {
  /** Further types to report as left out. */
  others?: readonly string[];
  /** Which tools to keep. @default all that are not hosted */
  keeps?: (tool: Tool) => boolean;
}

/** Sorts the tools of a request. Hosted tools are always left out. */
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
