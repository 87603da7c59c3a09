import { jsonSchema, type FieldPath, type GenerateInput } from '@headway/protocol';

/** The format that one field of a request sets, or what is wrong with the field. */
export interface FormatClaim {
  path: FieldPath;
  format?: NonNullable<GenerateInput['responseFormat']>;
  fault?: string;
}

export interface SchemaClaimOptions {
  strict?: unknown;
}

/** Reads a JSON schema, or a string of JSON with one. An empty value sets no format. */
export function* schemaClaim(
  path: FieldPath,
  value: unknown,
  { strict }: SchemaClaimOptions = {},
): Generator<FormatClaim> {
  if (value === undefined || value === null || value === '') return;
  const read = typeof value === 'string' ? parseJson(value) : value;
  const schema = jsonSchema.safeParse(read);
  if (!schema.success) {
    const [issue] = schema.error.issues;
    const isObject = typeof read === 'object' && read !== null && !Array.isArray(read);
    yield { path, fault: isObject && issue ? issue.message : 'must be a JSON schema, which is an object' };
    return;
  }
  yield { path, format: { type: 'json', schema: schema.data, ...(strict === true && { strict }) } };
}

/** Reads a grammar or a regular expression. An empty value sets no format. */
export function* textClaim(kind: 'grammar' | 'regex', path: FieldPath, value: unknown): Generator<FormatClaim> {
  if (value === undefined || value === null || value === '') return;
  if (typeof value !== 'string') yield { path, fault: 'must be a string' };
  else yield { path, format: kind === 'grammar' ? { type: kind, grammar: value } : { type: kind, pattern: value } };
}

/** Refuses an unsupported field unless its value is empty or false. */
export function* refuseClaim(path: FieldPath, value: unknown, fault: string): Generator<FormatClaim> {
  if (value !== undefined && value !== null && value !== false && value !== '') yield { path, fault };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
