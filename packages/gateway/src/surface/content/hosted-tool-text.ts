import { readableText } from './readable-text.ts';

/**
 * What another provider's tools did in an earlier turn, as the model is told of it: a line for the call, and what can be
 * read of its result. It has no such tool, so that to tell of a call as of one of its own would teach it to call it.
 */
export function hostedCallText(tool: string, input?: unknown): string {
  const text = typeof input === 'string' ? input : input === undefined || input === null ? '' : JSON.stringify(input);
  return text === '' || text === '{}' ? `[${tool}]` : `[${tool}: ${text}]`;
}

/** @see hostedCallText */
export function hostedResultText(tool: string, result: unknown): string {
  const text = readableText(result);
  return text === '' ? `[result of ${tool} left out: it is no text]` : `[result of ${tool}: ${text}]`;
}
