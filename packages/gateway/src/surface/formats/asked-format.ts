import { isDeepStrictEqual } from 'node:util';

import { formatPath, type FieldPath, type GenerateInput, type Issue } from '@headway/protocol';
import { z } from 'zod';

import type { FieldNames } from '../field-names.ts';
import { responseFormatClaim } from './response-format-claim.ts';
import { refuseClaim, schemaClaim, textClaim, type FormatClaim } from './format-claim.ts';

/** The fields of OpenAI, llama.cpp, vLLM and SGLang that set the format of an answer. */
export const formatFields = {
  response_format: z.unknown().optional(),
  // llama.cpp's. SGLang sends `json_schema` as a string of JSON.
  json_schema: z.unknown().optional(),
  grammar: z.unknown().optional(),
  // vLLM's.
  guided_json: z.unknown().optional(),
  guided_json_object: z.unknown().optional(),
  guided_regex: z.unknown().optional(),
  guided_choice: z.unknown().optional(),
  guided_grammar: z.unknown().optional(),
  guided_whitespace_pattern: z.unknown().optional(),
  structured_outputs: z.unknown().optional(),
  structural_tag: z.unknown().optional(),
  // SGLang's.
  regex: z.unknown().optional(),
  ebnf: z.unknown().optional(),
} as const;

export type FormatFields = { [Field in keyof typeof formatFields]?: unknown };

/** The format that a request asks for, and its path in the request. */
export interface AskedFormat {
  format: NonNullable<GenerateInput['responseFormat']>;
  /** The path of its schema, grammar, pattern or choices. */
  place: FieldPath;
}

/**
 * Reads the format that a request asks for, null for none. A schema overrides "any JSON object"; two equal formats count as
 * one, two different ones are a fault.
 */
export function askedFormat(request: FormatFields): FormatReading {
  return settled([...claimsOf(request)]);
}

/** Reads the format in `text.format` of OpenAI's Responses. */
export function askedTextFormat(format: unknown): FormatReading {
  return settled([...responseFormatClaim(['text', 'format'], format)]);
}

export interface FormatReading {
  asked: AskedFormat | null;
  faults: Issue[];
}

function settled(claims: readonly FormatClaim[]): FormatReading {
  const faults = claims.flatMap(({ fault, path }) => (fault === undefined ? [] : [{ path, message: fault }]));
  if (faults.length > 0) return { asked: null, faults };
  const formats = claims.flatMap(({ format, path }) => (format ? [{ format, place: path }] : []));
  const specific = formats.filter(({ format }) => format.type !== 'json' || format.schema !== undefined);
  const [first, ...others] = specific.length > 0 ? specific : formats;
  const other = others.find(({ format }) => first && !isDeepStrictEqual(format, first.format));
  if (!first || !other) return { asked: first ?? null, faults };
  const message = `asks for another format than ${formatPath(first.place)}; send one of them`;
  return { asked: null, faults: [{ path: other.place, message }] };
}

/** The same names, with the format under the field that the request uses for it. */
export function withFormatNames(names: FieldNames, asked: AskedFormat | null): FieldNames {
  if (!asked) return names;
  return { ...names, path: (path) => (path[0] === 'responseFormat' ? formatPlace(asked, path) : names.path(path)) };
}

/** The path in the request of a field of the engine's `responseFormat`. */
export function formatPlace({ place }: AskedFormat, [, kind, ...inside]: FieldPath): FieldPath {
  const isPart = kind === 'schema' || kind === 'grammar' || kind === 'pattern' || kind === 'choices';
  if (isPart) return [...place, ...inside];
  return place.slice(0, place[0] === 'text' ? 2 : 1);
}

function* claimsOf(request: FormatFields): Generator<FormatClaim> {
  const { structured_outputs: outputs } = request;
  yield* responseFormatClaim(['response_format'], request.response_format);
  yield* schemaClaim(['json_schema'], request.json_schema);
  yield* schemaClaim(['guided_json'], request.guided_json);
  yield* anyObject(['guided_json_object'], request.guided_json_object);
  yield* textClaim('grammar', ['grammar'], request.grammar);
  yield* textClaim('grammar', ['ebnf'], request.ebnf);
  yield* textClaim('grammar', ['guided_grammar'], request.guided_grammar);
  yield* textClaim('regex', ['regex'], request.regex);
  yield* textClaim('regex', ['guided_regex'], request.guided_regex);
  yield* choiceClaim(['guided_choice'], request.guided_choice);
  yield* refuseClaim(['guided_whitespace_pattern'], request.guided_whitespace_pattern, whiteSpace);
  yield* refuseClaim(['structural_tag'], request.structural_tag, structuralTag);
  if (outputs === undefined || outputs === null) return;
  const parsed = structuredOutputs.safeParse(outputs);
  if (!parsed.success) {
    yield { path: ['structured_outputs'], fault: 'must be an object' };
    return;
  }
  const inside = (name: string) => ['structured_outputs', name];
  const { json, json_object, grammar, regex, choice, ...others } = parsed.data;
  yield* schemaClaim(inside('json'), json);
  yield* anyObject(inside('json_object'), json_object);
  yield* textClaim('grammar', inside('grammar'), grammar);
  yield* textClaim('regex', inside('regex'), regex);
  yield* choiceClaim(inside('choice'), choice);
  yield* refuseClaim(inside('structural_tag'), others.structural_tag, structuralTag);
  yield* refuseClaim(inside('whitespace_pattern'), others.whitespace_pattern, whiteSpace);
  yield* refuseClaim(inside('disable_additional_properties'), others.disable_additional_properties, additional);
}

// vLLM's other options change no text: `disable_fallback`, and `disable_any_whitespace`, since Headway writes JSON without
// white space.
const structuredOutputs = z.record(z.string(), z.unknown());

const structuralTag = 'is not supported; send `tools`, or a grammar';
const whiteSpace = 'is not supported: the model writes JSON without white space; send a grammar for another layout';
const additional = 'is not supported; send additionalProperties: false in the schema';

function* anyObject(path: FieldPath, value: unknown): Generator<FormatClaim> {
  if (value === undefined || value === null || value === false) return;
  yield value === true ? { path, format: { type: 'json' } } : { path, fault: 'must be true or false' };
}

function* choiceClaim(path: FieldPath, value: unknown): Generator<FormatClaim> {
  if (value === undefined || value === null) return;
  const choices = z.array(z.string()).min(1).safeParse(value);
  if (choices.success) yield { path, format: { type: 'choice', choices: choices.data } };
  else yield { path, fault: 'must be an array of at least one string' };
}
