import fc from 'fast-check';

/** A schema as in a request. */
export type RawSchema = Record<string, unknown>;

const names = ['a', 'b', 'ab', 'name', 'two words', 'é"\\', '', 'constructor'];

const constant = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, 1, 2.5, -3, '', 'a', 'red', 'reddish', 'é"\n', '2024-02-29'),
  fc.constantFrom<unknown>([], [1, 'a'], {}, { a: 1 }, { b: [null], a: 'x' }),
);

const values = fc.oneof(
  fc.record({ const: constant }),
  fc.record({ enum: fc.array(constant, { minLength: 1, maxLength: 5 }) }),
);

/** Two bounds in order, either of which may be missing. */
function range(least: string, most: string, bound: fc.Arbitrary<number>): fc.Arbitrary<RawSchema> {
  return fc.tuple(fc.option(bound, { nil: undefined }), fc.option(bound, { nil: undefined })).map(([one, two]) => {
    const [low, high] = one !== undefined && two !== undefined && one > two ? [two, one] : [one, two];
    return { ...(low === undefined ? {} : { [least]: low }), ...(high === undefined ? {} : { [most]: high }) };
  });
}

const integerBound = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.integer({ min: -100_000, max: 100_000 }),
  fc.constantFrom(-2.5, 0.5, 99.9, 2 ** 53, -(2 ** 63), 1e15),
);

const integer = range('minimum', 'maximum', integerBound)
  .filter(({ minimum, maximum }) => {
    const [low, high] = [Number(minimum ?? -Infinity), Number(maximum ?? Infinity)];
    return Math.ceil(low) <= Math.floor(high);
  })
  .map((bounds) => ({ type: 'integer', ...bounds }));

const fractionBound = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.integer({ min: -5_000, max: 5_000 }).map((hundredths) => hundredths / 100),
  fc.constantFrom(0.1 + 0.2, 1e-7, -3.4028234663852886e38, 1.7976931348623157e308),
);

const number = fc
  .tuple(
    range('minimum', 'maximum', fractionBound),
    range('exclusiveMinimum', 'exclusiveMaximum', fractionBound),
    fc.option(fc.constantFrom(1, 2, 5, 0.5, 0.01, 0.25, 10), { nil: undefined }),
    fc.constantFrom('number', 'number', 'integer'),
  )
  .map(([bounds, exclusive, multipleOf, type]) => ({
    type,
    ...bounds,
    ...exclusive,
    ...(multipleOf === undefined ? {} : { multipleOf }),
  }));

const patterns = [
  '^[a-z]+$',
  'a',
  '^(ab|c)*$',
  '\\d{2}',
  '^[^"]{1,4}$',
  '^(?!a)[a-d]+$',
  '^(?=.*b).{2,5}$',
  '"|\\\\',
  '^\\S+@\\S+$',
  '^$|^x',
];

const formatted = fc.constantFrom(
  'date', 'time', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uuid', 'byte',
); // prettier-ignore

const length = range('minLength', 'maxLength', fc.integer({ min: 0, max: 6 }));

const text = fc.oneof(
  length.map((bounds) => ({ type: 'string', ...bounds })),
  formatted.map((format) => ({ type: 'string', format })),
  fc.tuple(fc.constantFrom(...patterns), length).map(([pattern, bounds]) => ({ type: 'string', pattern, ...bounds })),
  fc.tuple(fc.constantFrom('\\d', '^[0-9a-f]', '[a-z]$', '-'), formatted).map(([pattern, format]) => ({
    type: 'string',
    pattern,
    format,
  })),
);

const leaf: fc.Arbitrary<RawSchema> = fc.oneof(
  { weight: 2, arbitrary: text },
  { weight: 2, arbitrary: integer },
  { weight: 2, arbitrary: number },
  { weight: 1, arbitrary: text.map((schema) => ({ ...schema, nullable: true })) },
  { weight: 2, arbitrary: values },
  { weight: 1, arbitrary: fc.constantFrom({ type: 'number' }, { type: 'boolean' }, { type: 'null' }) },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(fc.constantFrom('null', 'boolean', 'integer', 'number', 'string'), { minLength: 1, maxLength: 3 })
      .map((type) => ({ type })),
  },
  { weight: 1, arbitrary: fc.constant({ $ref: '#/$defs/tree' }) },
);

function arraysOf(item: fc.Arbitrary<RawSchema>): fc.Arbitrary<RawSchema> {
  return fc
    .tuple(
      fc.option(fc.array(item, { minLength: 1, maxLength: 3 }), { nil: undefined }),
      fc.option(fc.oneof({ weight: 4, arbitrary: item }, { weight: 1, arbitrary: fc.boolean() }), { nil: undefined }),
      range('minItems', 'maxItems', fc.integer({ min: 0, max: 4 })),
    )
    .map(([prefixItems, items, bounds]) => ({
      type: 'array',
      ...(prefixItems === undefined ? {} : { prefixItems }),
      ...(items === undefined ? {} : { items }),
      ...bounds,
    }));
}

function objectsOf(property: fc.Arbitrary<RawSchema>): fc.Arbitrary<RawSchema> {
  return fc
    .tuple(
      fc.dictionary(fc.constantFrom(...names), property, { maxKeys: 4 }),
      fc.subarray([...names.slice(0, 3), 'other']),
      fc.option(fc.oneof(fc.boolean(), property), { nil: undefined }),
      fc.boolean(),
    )
    .map(([properties, required, additionalProperties, demanding]) => ({
      type: 'object',
      properties,
      ...(demanding
        ? { required: additionalProperties === false ? required.filter((name) => name in properties) : required }
        : {}),
      ...(additionalProperties === undefined ? {} : { additionalProperties }),
    }));
}

/** A oneOf whose schemas a tag distinguishes. */
function taggedOneOf(property: fc.Arbitrary<RawSchema>): fc.Arbitrary<RawSchema> {
  return fc.array(property, { minLength: 1, maxLength: 3 }).map((branches) => ({
    oneOf: branches.map((value, at) => ({
      type: 'object',
      properties: { kind: { const: `kind ${at}` }, value },
      required: ['kind'],
      additionalProperties: false,
    })),
  }));
}

const disjointOneOf: fc.Arbitrary<RawSchema> = fc.constantFrom<RawSchema>(
  { oneOf: [{ type: 'string', maxLength: 3 }, { type: 'integer', minimum: 3 }, { type: 'null' }] },
  { oneOf: [{ type: 'integer', maximum: 3 }, { type: 'integer', minimum: 4 }, { enum: [2.5, 'x'] }] },
  { oneOf: [{ enum: ['a', 'b', 1] }, { enum: ['b', 'c'] }] },
  {
    oneOf: [
      { type: 'array', maxItems: 1 },
      { type: 'array', minItems: 2, items: { type: 'integer' } },
    ],
  },
);

/** Keywords next to others that must hold as well. */
function withOtherKeywords(inner: fc.Arbitrary<RawSchema>): fc.Arbitrary<RawSchema> {
  return fc.oneof(
    // ajv requires null to be in a nullable enum, too.
    fc.tuple(values, inner).map(([listed, { nullable: _nullable, ...other }]) => ({ ...other, ...listed })),
    fc.array(inner, { minLength: 1, maxLength: 2 }).map((anyOf) => ({
      type: 'object',
      properties: { a: { type: ['string', 'integer', 'null'] } },
      required: ['a'],
      anyOf: [...anyOf, { properties: { b: { type: 'boolean' } } }],
    })),
    fc.array(inner, { minLength: 1, maxLength: 2 }).map((allOf) => ({ allOf })),
    fc.tuple(inner, inner).map(([one, two]) => ({
      allOf: [
        { type: 'object', properties: { a: one }, required: ['a'] },
        { type: 'object', properties: { b: two }, additionalProperties: true },
      ],
      discriminator: { propertyName: 'a' },
      'x-note': 1,
    })),
    inner.map((additionalProperties) => ({
      type: 'object',
      propertyNames: { enum: ['a', 'b', 'two words'] },
      additionalProperties,
    })),
    fc.constantFrom(
      { $ref: '#/$defs/tree', required: ['left'] },
      { $ref: '#/$defs/word', minLength: 2, maxLength: 4 },
      { anyOf: [{ $ref: '#/$defs/word' }, { type: 'null' }], description: 'a word or none' },
    ),
  );
}

const { schema } = fc.letrec<{ schema: RawSchema }>((tie) => {
  const inner = tie('schema');
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: leaf },
      { weight: 2, arbitrary: objectsOf(inner) },
      { weight: 2, arbitrary: arraysOf(inner) },
      { weight: 1, arbitrary: fc.array(inner, { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })) },
      { weight: 1, arbitrary: taggedOneOf(inner) },
      { weight: 1, arbitrary: disjointOneOf },
      { weight: 1, arbitrary: withOtherKeywords(inner) },
    ),
  };
});

const definitions = {
  tree: {
    type: 'object',
    properties: {
      value: { type: 'integer', minimum: 0, maximum: 99 },
      left: { $ref: '#/$defs/tree' },
      right: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/tree' }] },
    },
    required: ['value'],
    additionalProperties: false,
  },
  word: { type: 'string', maxLength: 5 },
};

/**
 * Schemas with all supported keywords, small enough that fitting values are short. Some fit no value, or have a `oneOf`
 * with overlapping branches, which the compiler refuses.
 */
export const randomSchema: fc.Arbitrary<RawSchema> = schema.map((root) => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'drawn at random',
  ...root,
  $defs: definitions,
}));
