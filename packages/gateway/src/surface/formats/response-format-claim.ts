import type { FieldPath } from '@headway/protocol';

import { refuseClaim, schemaClaim, textClaim, type FormatClaim } from './format-claim.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The fields of OpenAI's wrapper around a schema. */
const wrapperNames: readonly string[] = ['name', 'description', 'strict', 'schema'];

/**
 * Reads `response_format`, or `text.format` of Responses. It accepts OpenAI's variants and those of other servers: a schema
 * in `json_object` (llama.cpp, Instructor), a schema without a wrapper, `grammar` (Fireworks), `regex` (Together, TGI) and
 * `json` (TGI).
 */
export function* responseFormatClaim(root: string[], value: unknown): Generator<FormatClaim> {
  if (value === undefined || value === null) return;
  const at = (...path: string[]) => [...root, ...path];
  if (!isObject(value)) {
    yield { path: at(), fault: 'must be an object with a `type`' };
    return;
  }
  const { type, schema, strict, json_schema: wrapped } = value;
  switch (type) {
    case 'text':
      return;
    case 'json_object':
    case 'json': {
      const schemas = [
        // In llama.cpp's API an empty schema means any object, as an absent one does.
        ...(isEmpty(schema) ? [] : schemaClaim(at('schema'), schema, { strict })),
        ...(type === 'json' ? schemaClaim(at('value'), value.value, { strict }) : []),
        ...wrappedClaim(at('json_schema'), wrapped),
      ];
      yield* schemas;
      if (schemas.length === 0) yield { path: at(), format: { type: 'json' } };
      return;
    }
    case 'json_schema': {
      const schemas = [...wrappedClaim(at('json_schema'), wrapped), ...schemaClaim(at('schema'), schema, { strict })];
      yield* schemas;
      if (schemas.length > 0) return;
      // In Responses the schema is a field beside `type`.
      if (isObject(wrapped)) yield { path: at('json_schema'), format: { type: 'json' } };
      else if (root.length > 1) yield { path: at('schema'), fault: 'is missing; it must be an object' };
      else yield { path: at('json_schema'), fault: 'is missing; send { name, schema }' };
      return;
    }
    case 'grammar':
    case 'regex': {
      const names = type === 'grammar' ? ['grammar', 'value'] : ['pattern', 'regex', 'value'];
      const texts = names.flatMap((name) => [...textClaim(type, at(name), value[name])]);
      yield* texts;
      if (texts.length === 0) yield { path: at(names[0] ?? type), fault: 'is missing; send it as a string' };
      return;
    }
    case 'structural_tag':
      yield* refuseClaim(at('type'), type, '"structural_tag" is not supported; send `tools`, or a grammar');
      return;
    default:
      yield {
        path: at('type'),
        fault: `${type === undefined ? 'is missing' : `${JSON.stringify(type)} is not supported`}; send "text", "json_object", "json_schema", "grammar" or "regex"`,
      };
  }
}

/** Reads OpenAI's `{ name, schema, strict }`, or a schema without that wrapper. */
function* wrappedClaim(path: FieldPath, wrapped: unknown): Generator<FormatClaim> {
  if (!isObject(wrapped)) {
    yield* schemaClaim(path, wrapped);
    return;
  }
  const { schema, strict, name: _name, ...itself } = wrapped;
  const isWrapper = schema !== undefined || Object.keys(wrapped).every((name) => wrapperNames.includes(name));
  if (isWrapper) yield* schemaClaim([...path, 'schema'], schema, { strict });
  else yield* schemaClaim(path, itself, { strict });
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
