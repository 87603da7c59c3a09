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
 * Whether the model gets a tool. It does unless the tool's loading is deferred; a deferred tool is loaded once a result
 * refers to it, the model has called it, or `tool_choice` names it. If nothing can find deferred tools, because
 * Anthropic's tool search is left out or every tool is deferred, the model gets all tools.
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
