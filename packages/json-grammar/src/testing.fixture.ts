export { parseGbnf, readWith, writeWith } from './gbnf-grammar.fixture.ts';
export { randomSchema, type RawSchema } from './random-schema.fixture.ts';
