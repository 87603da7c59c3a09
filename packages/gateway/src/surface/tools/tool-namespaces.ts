import type { FieldPath } from '@headway/protocol';

import { isHosted, type HostedTool } from './hosted-tool.ts';

/** A named group of functions in OpenAI's Responses. */
export interface ToolNamespace<Tool> {
  type: 'namespace';
  name: string;
  tools: readonly (Tool | HostedTool)[];
}

/** A function's name in the client's request; the model sees `flatName` of it. */
export interface ToolName {
  name: string;
  namespace?: string | null | undefined;
}

interface FlatTool<Tool> {
  tool: Tool;
  /** The path in the request. */
  place: FieldPath;
}

/** The name that the model sees: the namespace, `__`, and the function's name. */
export function flatName({ name, namespace }: ToolName): string {
  if (namespace === null || namespace === undefined || namespace === '') return name;
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`;
}

/** A request's functions without hosted tools; those in namespaces have flat names. */
export function flatTools<Tool extends { name: string; type: string }>(
  tools: readonly (Tool | ToolNamespace<Tool> | HostedTool)[] | null | undefined,
): FlatTool<Tool>[] {
  return (tools ?? []).flatMap((tool, at): FlatTool<Tool>[] => {
    const place = ['tools', at];
    if (isHosted(tool)) return [];
    if (!isNamespace(tool)) return [{ tool, place }];
    const namespace = tool.name;
    return tool.tools.flatMap((inner, index) =>
      isHosted(inner)
        ? []
        : [{ tool: { ...inner, name: flatName({ name: inner.name, namespace }) }, place: [...place, 'tools', index] }],
    );
  });
}

/** The client's names for the functions in namespaces, by flat name. */
export function clientNames<Tool extends { name: string; type: string }>(
  tools: readonly (Tool | ToolNamespace<Tool> | HostedTool)[] | null | undefined,
): ReadonlyMap<string, ToolName> {
  const names = new Map<string, ToolName>();
  for (const tool of tools ?? []) {
    if (isHosted(tool) || !isNamespace(tool)) continue;
    for (const inner of tool.tools) {
      if (isHosted(inner)) continue;
      const name = { name: inner.name, namespace: tool.name };
      names.set(flatName(name), name);
    }
  }
  return names;
}

/** The types of all hosted tools, also those in namespaces. */
export function hostedIn<Tool extends { type: string }>(
  tools: readonly (Tool | ToolNamespace<Tool> | HostedTool)[] | null | undefined,
): string[] {
  return (tools ?? []).flatMap((tool): string[] => {
    if (isHosted(tool)) return [tool.hosted];
    return isNamespace(tool) ? hostedIn(tool.tools) : [];
  });
}

export function isNamespace<Tool extends { type: string }>(
  tool: Tool | ToolNamespace<Tool>,
): tool is ToolNamespace<Tool> {
  return tool.type === 'namespace';
}
