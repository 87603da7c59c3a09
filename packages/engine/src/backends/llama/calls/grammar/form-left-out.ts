import { isHeadwayError } from '@headway/protocol';

import {
  compileJsonGrammar,
  isAnnotation,
  isKnownKeyword,
  isRecord,
  schemaBounds,
  schemaPath,
} from '@headway/json-grammar';
import type { ArgumentsForm } from '../form/call-form.ts';
import { mostLevels } from './write-bare-value.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that the rules for an object keep. They never allow properties that the schema does not name. */
const ofObject = ['type', 'properties', 'required', 'additionalProperties', 'propertyNames', 'nullable'];
const ofText = ['type', 'minLength', 'maxLength'];
const ofList = ['type', 'items', 'minItems', 'maxItems'];

/**
 * Lists the parts of a tool's schema that a form other than JSON does not keep, as paths below `field`.
 * `writeArguments` writes rules of its own for these forms, which keep less.
 */
export function formLeftOut(form: ArgumentsForm, parameters: unknown, field: string): string[] {
  if (form.kind === 'json' || !isRecord(parameters)) return [];
  const lost = lostExcept(ofObject, parameters, field);
  const { properties, required } = parameters;
  const known = isRecord(properties) ? properties : {};
  const isNamed = !Array.isArray(required) || required.every((name) => Object.hasOwn(known, String(name)));
  const inside = Object.entries(known).flatMap(([name, property]) =>
    valueLeftOut(form, property, `${field}${schemaPath('', ['properties', name])}`, 1),
  );
  return [...lost, ...(isNamed ? [] : [`${field}.required`]), ...inside];
}

function valueLeftOut(form: ArgumentsForm, schema: unknown, path: string, level: number): string[] {
  if (!isRecord(schema)) return [];
  const { type, enum: choices, items, properties } = schema;
  const bare = form.kind === 'bare-keys';
  const isChoice =
    Array.isArray(choices) &&
    choices.every((choice) => (bare ? typeof choice !== 'object' || choice === null : typeof choice === 'string'));
  if (form.kind !== 'pythonic' && isChoice) return lostExcept(['type', 'enum'], schema, path);
  if (form.kind !== 'pythonic' && type === 'string' && choices === undefined) {
    const tooLong = ['minLength', 'maxLength'].filter((name) => Number(schema[name] ?? 0) > schemaBounds.repetition);
    return [...lostExcept(ofText, schema, path), ...tooLong.map((name) => `${path}.${name}`)];
  }
  const isScalar = typeof type === 'string' && ['integer', 'number', 'boolean', 'null'].includes(type);
  if (!bare || isScalar) return jsonLeftOut(schema, path);
  if (level < mostLevels && type === 'object' && isRecord(properties)) {
    const lost = lostExcept(ofObject, schema, path);
    const inside = Object.entries(properties).flatMap(([name, property]) =>
      valueLeftOut(form, property, `${path}${schemaPath('', ['properties', name])}`, level + 1),
    );
    return [...lost, ...inside];
  }
  if (level < mostLevels && type === 'array' && items !== undefined) {
    return [...lostExcept(ofList, schema, path), ...valueLeftOut(form, items, `${path}.items`, level + 1)];
  }
  return lostExcept(type === 'object' ? ['type'] : [], schema, path);
}

function jsonLeftOut(schema: Schema, path: string): string[] {
  try {
    return compileJsonGrammar(schema, { field: path, lenient: true }).leftOut;
  } catch (thrown) {
    if (isHeadwayError(thrown)) return [path];
    throw thrown;
  }
}

function lostExcept(kept: readonly string[], schema: Schema, path: string): string[] {
  const lost = Object.keys(schema).filter(
    (keyword) => isKnownKeyword(keyword) && !kept.includes(keyword) && !isAnnotation(keyword, schema),
  );
  return lost.map((keyword) => path + schemaPath('', [keyword]));
}
