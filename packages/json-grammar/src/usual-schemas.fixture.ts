import { z } from 'zod';

/** A schema as a library writes it. */
export interface UsualSchema {
  from: string;
  schema: Record<string, unknown>;
  /** Paths below `schema` that cannot be kept; absent where all of it can. */
  leftOut?: string[];
}

const ofZod = (
  from: string,
  type: z.ZodType,
  options: Parameters<typeof z.toJSONSchema>[1] = {},
  leftOut?: string[],
) => ({
  from: `zod: ${from}`,
  schema: z.toJSONSchema(type, options) as Record<string, unknown>,
  ...(leftOut && { leftOut }),
});

const object = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  ...more,
});

/** As zod 4's `z.toJSONSchema` writes them. */
const zodSchemas: UsualSchema[] = [
  ofZod('number bounds', z.object({ price: z.number().min(0).max(99.5) })),
  ofZod('positive', z.object({ price: z.number().positive() })),
  ofZod('int', z.object({ age: z.int().positive() })),
  ofZod('multipleOf', z.object({ step: z.number().multipleOf(5) })),
  ofZod('float32', z.object({ x: z.float32() })),
  ofZod('regex', z.object({ code: z.string().regex(/^[A-Z]{3}-\d{4}$/) })),
  ofZod(
    'length and regex',
    z.object({
      slug: z
        .string()
        .min(3)
        .max(20)
        .regex(/^[a-z0-9-]+$/),
    }),
  ),
  ofZod('startsWith and endsWith', z.object({ a: z.string().startsWith('a').endsWith('z') })),
  ofZod('email', z.object({ email: z.email() })),
  ofZod('url', z.object({ url: z.url() })),
  ofZod('uuid', z.object({ id: z.uuid() })),
  ofZod('ipv4', z.object({ ip: z.ipv4() })),
  ofZod('ipv6', z.object({ ip: z.ipv6() })),
  ofZod('iso date', z.object({ day: z.iso.date() })),
  ofZod('iso datetime', z.object({ at: z.iso.datetime() })),
  ofZod('iso duration', z.object({ every: z.iso.duration() })),
  ofZod('record', z.object({ tags: z.record(z.string(), z.number()) })),
  ofZod('record of an enum', z.object({ seats: z.record(z.enum(['a', 'b']), z.int()) })),
  ofZod('partial record of an enum', z.object({ seats: z.partialRecord(z.enum(['a', 'b']), z.int()) })),
  ofZod('tuple', z.object({ at: z.tuple([z.number(), z.number()]) })),
  ofZod('tuple, draft 7', z.object({ at: z.tuple([z.number(), z.string()]) }), { target: 'draft-7' }),
  ofZod('nullable', z.object({ name: z.string().nullable() })),
  ofZod('nullable, OpenAPI 3.0', z.object({ name: z.string().nullable() }), { target: 'openapi-3.0' }),
  ofZod('intersection', z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() }))),
  ofZod(
    'discriminated union',
    z.object({
      shape: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('circle'), r: z.number() }),
        z.object({ kind: z.literal('square'), side: z.number() }),
      ]),
    }),
  ),
  ofZod('meta', z.object({ name: z.string().meta({ id: 'Name', examples: ['x'], deprecated: true }) })),
  ofZod('exclusive bounds, draft 4', z.object({ p: z.number().gt(0).lt(1) }), { target: 'draft-4' }),
];

/** As pydantic's `model_json_schema` writes them. */
const pydanticSchemas: UsualSchema[] = [
  {
    from: 'pydantic: Field(gt=0, le=10)',
    schema: object({ n: { exclusiveMinimum: 0, maximum: 10, title: 'N', type: 'integer' } }),
  },
  {
    from: 'pydantic: float with bounds',
    schema: object({ x: { minimum: 0, maximum: 1, title: 'X', type: 'number' } }),
  },
  {
    from: 'pydantic: Field(multiple_of=0.01)',
    schema: object({ p: { multipleOf: 0.01, title: 'P', type: 'number' } }),
  },
  {
    from: 'pydantic: constr',
    schema: object({ s: { maxLength: 8, minLength: 2, pattern: '^\\w+$', type: 'string' } }),
  },
  { from: 'pydantic: EmailStr', schema: object({ e: { format: 'email', title: 'E', type: 'string' } }) },
  {
    from: 'pydantic: HttpUrl',
    schema: object({ u: { format: 'uri', maxLength: 2083, minLength: 1, title: 'U', type: 'string' } }),
    leftOut: ['properties.u.maxLength'],
  },
  { from: 'pydantic: UUID', schema: object({ id: { format: 'uuid', title: 'Id', type: 'string' } }) },
  { from: 'pydantic: timedelta', schema: object({ t: { format: 'duration', title: 'T', type: 'string' } }) },
  {
    from: 'pydantic: Decimal',
    schema: object({
      d: { anyOf: [{ type: 'number' }, { pattern: '^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$', type: 'string' }], title: 'D' },
    }),
  },
  { from: 'pydantic: bytes', schema: object({ b: { format: 'binary', title: 'B', type: 'string' } }) },
  {
    from: 'pydantic: set',
    schema: object({ s: { items: { type: 'string' }, type: 'array', uniqueItems: true } }),
    leftOut: ['properties.s.uniqueItems'],
  },
  {
    from: 'pydantic: Optional with a default',
    schema: {
      type: 'object',
      properties: { a: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }], default: null } },
    },
  },
  {
    from: 'pydantic: a reference with a description',
    schema: {
      $defs: { Color: { enum: ['red', 'green'], title: 'Color', type: 'string' } },
      ...object({ c: { allOf: [{ $ref: '#/$defs/Color' }], description: 'which', default: 'red' } }),
    },
  },
  {
    from: 'pydantic: a tagged union',
    schema: {
      $defs: {
        Cat: object({ kind: { const: 'cat', type: 'string' }, lives: { type: 'integer' } }),
        Dog: object({ kind: { const: 'dog', type: 'string' } }),
      },
      ...object({
        pet: {
          discriminator: { mapping: { cat: '#/$defs/Cat', dog: '#/$defs/Dog' }, propertyName: 'kind' },
          oneOf: [{ $ref: '#/$defs/Cat' }, { $ref: '#/$defs/Dog' }],
        },
      }),
    },
  },
  {
    from: 'pydantic: tuple',
    schema: object({
      t: { maxItems: 2, minItems: 2, prefixItems: [{ type: 'integer' }, { type: 'string' }], type: 'array' },
    }),
  },
  {
    from: 'pydantic: a dict with constrained names',
    schema: object({
      d: { type: 'object', propertyNames: { pattern: '^[a-z]+$' }, additionalProperties: { type: 'integer' } },
    }),
    leftOut: ['properties.d.propertyNames'],
  },
];

/** From OpenAPI and by hand. */
const otherSchemas: UsualSchema[] = [
  { from: 'OpenAPI: nullable', schema: object({ name: { type: 'string', nullable: true, example: 'Ada' } }) },
  {
    from: 'OpenAPI: allOf of components',
    schema: {
      allOf: [{ $ref: '#/definitions/Base' }, object({ extra: { type: 'boolean' } })],
      definitions: { Base: object({ id: { type: 'integer', format: 'int64', readOnly: true } }) },
    },
  },
  { from: 'OpenAPI: int32 and x-…', schema: object({ n: { type: 'integer', format: 'int32', 'x-order': 1 } }) },
  {
    from: 'OpenAPI: date-time and hostname',
    schema: object({ at: { type: 'string', format: 'date-time' }, host: { type: 'string', format: 'hostname' } }),
  },
  { from: 'root: object or null', schema: { ...object({ a: { type: 'string' } }), type: ['object', 'null'] } },
  { from: 'draft 4: id', schema: { id: 'https://example.org/a', ...object({ a: { id: '#a', type: 'string' } }) } },
  { from: 'not', schema: object({ a: { type: 'string', not: { const: '' } } }), leftOut: ['properties.a.not'] },
  {
    from: 'if, then, else',
    schema: JSON.parse(
      '{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"if":{"required":["a"]},"then":{"required":["b"]}}',
    ) as Record<string, unknown>,
    leftOut: ['if', 'then'],
  },
  {
    from: 'patternProperties',
    schema: { type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    leftOut: ['patternProperties'],
  },
  {
    from: 'minProperties',
    schema: { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 1 },
    leftOut: ['minProperties'],
  },
  {
    from: 'a word boundary',
    schema: object({ s: { type: 'string', pattern: '\\bcat\\b' } }),
    leftOut: ['properties.s.pattern'],
  },
  {
    from: 'a custom format',
    schema: object({ c: { type: 'string', format: 'color' } }),
    leftOut: ['properties.c.format'],
  },
];

export const usualSchemas: readonly UsualSchema[] = [...zodSchemas, ...pydanticSchemas, ...otherSchemas];
