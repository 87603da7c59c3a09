import type { z } from 'zod';

import { readableText } from '../../../surface/content/readable-text.ts';
import { hostedCallText, hostedResultText } from '../../../surface/content/hosted-tool-text.ts';
import { readOr } from '../../../surface/read-or.ts';
import type { OwnLine } from '../../../surface/content/left-out-part.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A result's type contains the tool's name: `web_search_tool_result`, `bash_code_execution_tool_result`, … */
const resultType = /^([a-z0-9_]{1,60})_tool_result$/;

/**
 * A schema that also accepts the calls and results of Anthropic's hosted tools in the history, each as a line of text.
 */
export function orHostedToolBlock<Schema extends z.ZodType>(schema: Schema) {
  return readOr((block): OwnLine | null => {
    const line = lineOf(block);
    return line === null ? null : { line };
  }, schema);
}

/** Null for any other block; `''` for one without text. */
function lineOf(block: unknown): string | null {
  if (typeof block !== 'object' || block === null || !('type' in block) || typeof block.type !== 'string') return null;
  const fields = block as Fields;
  switch (block.type) {
    case 'server_tool_use':
      return hostedCallText(nameOf(fields, 'name'), fields.input);
    case 'mcp_tool_use':
      return hostedCallText(nameOf(fields, 'server_name', 'name'), fields.input);
    case 'search_result':
    // A summary of the earlier conversation.
    case 'compaction':
      return readableText(fields);
    default: {
      const [, tool] = resultType.exec(block.type) ?? [];
      return tool === undefined ? null : hostedResultText(tool, fields.content);
    }
  }
}

function nameOf(fields: Fields, ...names: string[]): string {
  const parts = names.map((name) => fields[name]).filter((part) => typeof part === 'string' && part !== '');
  return parts.join('.') || 'tool';
}
