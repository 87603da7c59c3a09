import { isNoText, lineFor } from './left-out-part.ts';

/**
 * Where providers put what can be read of a result, in the order in which it is told. Everything else is for programs, or
 * for the provider alone: ids, files, encrypted content.
 */
const told = [
  'title',
  'filename',
  'url',
  'tool_name',
  'text',
  'content',
  'source',
  'stdout',
  'logs',
  'stderr',
  'output',
  'outputs',
  'results',
  'tool_references',
  'outcome',
  'error',
  'error_code',
  'message',
] as const;

/** Deeper than any provider's results. */
const mostLevels = 8;

/** What can be read of a provider's result, whatever its shape: its texts, a line each; `''` when there is none. */
export function readableText(value: unknown): string {
  return [...textsIn(value, mostLevels)].join('\n');
}

function* textsIn(value: unknown, levels: number): Generator<string> {
  if (typeof value === 'string') {
    if (value !== '') yield value;
    return;
  }
  if (typeof value !== 'object' || value === null || levels === 0) return;
  if (Array.isArray(value)) {
    for (const entry of value as unknown[]) yield* textsIn(entry, levels - 1);
    return;
  }
  const fields = value as Record<string, unknown>;
  const { type } = fields;
  const texts = told.flatMap((name) => [...textsIn(fields[name], levels - 1)]);
  yield* texts;
  // A document may be of plain text.
  if (type === 'text' && typeof fields.data === 'string' && fields.data !== '') yield fields.data;
  else if (isNoText(type) && texts.length === 0) yield lineFor({ leftOut: type });
  yield* exitOf(fields);
}

/** A program that failed says so by a number. */
function* exitOf({ return_code, exit_code }: Record<string, unknown>): Generator<string> {
  const code = return_code ?? exit_code;
  if (typeof code === 'number' && code !== 0) yield `exit code ${code}`;
}
