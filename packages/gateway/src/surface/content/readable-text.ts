import { isNoText, lineFor } from './left-out-part.ts';

/**
 * The fields in which providers put the text of a result, in the order of the output. The other fields are for programs
 * or for the provider only: ids, files, encrypted content.
 */
const textFields = [
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

/** The most levels of nesting that are read; providers' results have fewer. */
const mostLevels = 8;

/** The texts in a provider's result of any shape, a line each; `''` if it has none. */
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
  const texts = textFields.flatMap((name) => [...textsIn(fields[name], levels - 1)]);
  yield* texts;
  // A document of plain text has it in `data`.
  if (type === 'text' && typeof fields.data === 'string' && fields.data !== '') yield fields.data;
  else if (isNoText(type) && texts.length === 0) yield lineFor({ leftOut: type });
  yield* exitOf(fields);
}

/** The exit code of a program that failed. */
function* exitOf({ return_code, exit_code }: Record<string, unknown>): Generator<string> {
  const code = return_code ?? exit_code;
  if (typeof code === 'number' && code !== 0) yield `exit code ${code}`;
}
