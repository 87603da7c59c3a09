import type { Tool } from './tool.ts';

/** An error of a field, as the path and message of a zod issue. */
export interface Fault {
  path: (string | number)[];
  message: string;
}

interface ToolRequest {
  prompt?: string | undefined;
  tools?: Tool[] | undefined;
  toolChoice?: 'auto' | 'none' | 'required' | { name: string } | undefined;
  responseFormat?: object | undefined;
  stop: string[];
  ignoreEos: boolean;
  onContextFull: 'length' | 'shift';
}

/** Whether a request lets the model call tools. */
export function mayCallTools({ tools, toolChoice }: Pick<ToolRequest, 'tools' | 'toolChoice'>): boolean {
  return tools !== undefined && toolChoice !== 'none';
}

/** Checks the fields of a request that cannot be combined with its tools or its format. */
export function* toolFaults(request: ToolRequest): Generator<Fault> {
  const { prompt, tools = [], toolChoice, responseFormat, stop, ignoreEos, onContextFull } = request;
  const names = new Set<string>();
  for (const [at, { name }] of tools.entries()) {
    if (names.has(name))
      yield { path: ['tools', at, 'name'], message: `${name} is there twice; each needs its own name` };
    names.add(name);
  }
  if (prompt !== undefined && tools.length > 0) {
    yield { path: ['tools'], message: 'need a conversation; send `messages` instead of `prompt`' };
  }
  if (toolChoice === 'required' && tools.length === 0) {
    yield { path: ['toolChoice'], message: "there are no tools to call; send `tools`, or choose 'none'" };
  }
  if (typeof toolChoice === 'object' && !names.has(toolChoice.name)) {
    yield { path: ['toolChoice', 'name'], message: `there is no tool ${toolChoice.name}; name one of \`tools\`` };
  }
  const calls = mayCallTools({ tools: request.tools, toolChoice });
  if (responseFormat && stop.length > 0) {
    yield { path: ['stop'], message: 'would cut what responseFormat promises to be whole; leave one of them out' };
  }
  const bound = responseFormat ? 'responseFormat' : calls ? 'tools' : null;
  if (bound && ignoreEos) yield { path: ['ignoreEos'], message: `does not go with ${bound}; leave one of them out` };
  if (bound && onContextFull === 'shift') {
    yield { path: ['onContextFull'], message: `'shift' does not go with ${bound}; leave one of them out` };
  }
}
