import { Field, sentence, type Issue } from '../../../errors/issue.ts';
import type { Tool } from './tool.ts';

interface ToolRequest {
  prompt?: string | undefined;
  tools?: Tool[] | undefined;
  toolChoice?: 'auto' | 'none' | 'required' | { name: string } | undefined;
  responseFormat?: object | undefined;
  stop: string[];
  ignoreEos: boolean;
  onContextFull: 'length' | 'shift';
}

export const promptField = new Field('prompt');
export const messagesField = new Field('messages');
const [toolsField, formatField] = [new Field('tools'), new Field('responseFormat')];

/** The message for a field that a raw prompt cannot use. */
export const needConversation = sentence`need a conversation; send \`${messagesField}\` instead of \`${promptField}\``;

/** Whether a request lets the model call tools. */
export function mayCallTools({ tools, toolChoice }: Pick<ToolRequest, 'tools' | 'toolChoice'>): boolean {
  return tools !== undefined && toolChoice !== 'none';
}

/** Finds tools that share a name, a tool choice without its tool, and fields that exclude the tools or the format. */
export function* toolFaults(request: ToolRequest): Generator<Issue> {
  const { prompt, tools = [], toolChoice, responseFormat, stop, ignoreEos, onContextFull } = request;
  const names = new Set<string>();
  for (const [at, { name }] of tools.entries()) {
    if (names.has(name))
      yield { path: ['tools', at, 'name'], message: `${name} appears twice; give each tool its own name` };
    names.add(name);
  }
  if (prompt !== undefined && tools.length > 0) {
    yield { path: ['tools'], ...needConversation };
  }
  if (toolChoice === 'required' && tools.length === 0) {
    yield { path: ['toolChoice'], ...sentence`there are no tools to call; send \`${toolsField}\`, or choose 'none'` };
  }
  if (typeof toolChoice === 'object' && !names.has(toolChoice.name)) {
    yield {
      path: ['toolChoice', 'name'],
      ...sentence`there is no tool ${toolChoice.name}; name one of \`${toolsField}\``,
    };
  }
  const calls = mayCallTools({ tools: request.tools, toolChoice });
  if (responseFormat && stop.length > 0) {
    yield { path: ['stop'], ...sentence`could cut the text that ${formatField} requires; send one of them` };
  }
  const bound = responseFormat ? formatField : calls ? toolsField : null;
  if (bound && ignoreEos)
    yield { path: ['ignoreEos'], ...sentence`cannot be combined with ${bound}; send one of them` };
  if (bound && onContextFull === 'shift') {
    yield { path: ['onContextFull'], ...sentence`'shift' cannot be combined with ${bound}; send one of them` };
  }
}
