import type { z } from 'zod';

import { readOr } from '../read-or.ts';

/**
 * Families of tools that an API provider defines: they run on its servers, or its models know them without a schema.
 * Their types have dates and other suffixes (`web_search_20250305`, `web_search_preview`).
 */
const families = [
  'apply_patch',
  'bash',
  'code_execution',
  'code_interpreter',
  'computer',
  'file_search',
  'image_generation',
  'local_shell',
  'mcp',
  'memory',
  'shell',
  'text_editor',
  'tool_search',
  'web_fetch',
  'web_search',
];

const hostedType = new RegExp(`^(${families.join('|')})(_[a-z0-9_]{1,40})?$`);

/** A hosted tool in a request. Only its type is kept. */
export interface HostedTool {
  hosted: string;
}

/** A schema that also accepts hosted tools. */
export function orHostedTool<Schema extends z.ZodType>(schema: Schema) {
  return readOr((tool): HostedTool | null => {
    const hosted = typeOf(tool);
    return hosted === null ? null : { hosted };
  }, schema);
}

export function isHosted(tool: object): tool is HostedTool {
  return 'hosted' in tool;
}

/** The tools without the hosted ones. */
export function offered<Tool extends object>(tools: readonly (Tool | HostedTool)[] | null | undefined): Tool[] {
  return (tools ?? []).filter((tool): tool is Tool => !isHosted(tool));
}

/** A hosted tool's type without a date or another suffix. */
export function familyOf(hosted: string): string {
  return hostedType.exec(hosted)?.[1] ?? hosted;
}

function typeOf(tool: unknown): string | null {
  if (typeof tool !== 'object' || tool === null || !('type' in tool)) return null;
  return typeof tool.type === 'string' && hostedType.test(tool.type) ? tool.type : null;
}
