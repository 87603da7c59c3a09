import { isHosted, type HostedTool } from '../../../surface/tools/hosted-tool.ts';
import type { AnthropicMessage } from './content-blocks.ts';

interface DeferrableTool {
  name: string;
  defer_loading?: boolean | null | undefined;
}

interface DeferringRequest {
  messages: readonly AnthropicMessage[];
  tools?: readonly (DeferrableTool | HostedTool)[] | null | undefined;
  tool_choice?: { type: string; name?: string } | null | undefined;
}

/**
 * Whether the model is told of a tool: at once, unless its loading is deferred; then once a result has referred to it, it
 * has been called, or it must be. Where nothing could find a tool, since Anthropic's own search is left out or every tool is
 * deferred, the model is told of all.
 */
export function isLoaded({
  messages,
  tools,
  tool_choice: choice,
}: DeferringRequest): (tool: DeferrableTool) => boolean {
  const all = tools ?? [];
  const searched = all.some((tool) => isHosted(tool) && tool.hosted.startsWith('tool_search'));
  if (searched || all.every((tool) => isHosted(tool) || tool.defer_loading)) return () => true;
  const found = new Set(
    messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content.flatMap(namesIn))),
  );
  if (choice?.name !== undefined) found.add(choice.name);
  return ({ name, defer_loading: deferred }) => !deferred || found.has(name);
}

function namesIn(block: Exclude<AnthropicMessage['content'], string>[number]): string[] {
  if (!('type' in block)) return [];
  if (block.type === 'tool_use') return [block.name];
  if (block.type !== 'tool_result' || !Array.isArray(block.content)) return [];
  return block.content.flatMap((part) => ('type' in part && part.type === 'tool_reference' ? [part.tool_name] : []));
}
