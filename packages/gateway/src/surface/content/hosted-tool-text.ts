import { readableText } from './readable-text.ts';

/**
 * A call of another provider's hosted tool in the history, as a line of text. The model does not have this tool; a
 * structured call would teach it to call the tool.
 */
export function hostedCallText(tool: string, input?: unknown): string {
  const text = typeof input === 'string' ? input : input === undefined || input === null ? '' : JSON.stringify(input);
  return text === '' || text === '{}' ? `[${tool}]` : `[${tool}: ${text}]`;
}

/** The readable text of such a call's result, as a line of text. */
export function hostedResultText(tool: string, result: unknown): string {
  const text = readableText(result);
  return text === '' ? `[result of ${tool} left out: it is no text]` : `[result of ${tool}: ${text}]`;
}
