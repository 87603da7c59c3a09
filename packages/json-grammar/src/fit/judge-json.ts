import { Script } from 'node:vm';

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';

import { hasFormat, isFormat } from '../schema/formats.ts';
import { schemaPath, type Step } from '../refuse.ts';
import { currentSchema, expression } from './current-schema.ts';

/** What is wrong with a value. */
export interface JsonFault {
  /** Where in the value, as one would write it in JavaScript; empty for the whole of it. */
  path: string;
  message: string;
}

/**
 * How long one judgement may take. Schemas come from strangers, and some expressions and unions take for ever: then
 * nothing is said.
 */
const longestMs = 250;

/** Characters of a message, which may quote the schema. */
const longestMessage = 200;

const judgement = new Script('judge()');

/**
 * What is wrong with JSON text by a schema, the first fault; null when it fits, undefined when nobody can tell: by a
 * schema that ajv does not take, or not in time. It blocks this long, and no longer whatever the schema says: the time
 * bound holds for loops and regular expressions alike.
 */
export function judgeJson(schema: unknown, text: string): JsonFault | null | undefined {
  let fault: JsonFault | null | undefined;
  warmUp();
  const judge = () => {
    const value: unknown = JSON.parse(text);
    const validate = createAjv().compile(currentSchema(schema));
    fault = validate(value) ? null : faultOf(validate.errors?.[0]);
  };
  try {
    judgement.runInNewContext({ judge }, { timeout: longestMs });
  } catch {
    return undefined;
  }
  return fault;
}

let isWarm = false;

/** What ajv takes to get going, once a process, is not held against the first schema. */
function warmUp(): void {
  if (!isWarm) createAjv().compile({ type: 'object', properties: { a: { type: 'array', uniqueItems: true } } })({});
  isWarm = true;
}

/** Nothing of a schema becomes code but keywords that ajv knows; references lead nowhere outside. */
function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    // Code would grow with each reference.
    inlineRefs: false,
    // 19.99 is 1,999 times 0.01, whatever floating point has it.
    multipleOfPrecision: 9,
    code: { regExp: Object.assign(patternOf, { code: '(source) => new RegExp(source)' }) },
  });
  for (const name of Object.keys(fullFormats)) {
    if (isFormat(name)) ajv.addFormat(name, (text: string) => hasFormat(text, name));
    else if (name !== 'regex') ajv.addFormat(name, fullFormats[name as keyof typeof fullFormats]);
  }
  return ajv;
}

/** Expressions that are right without `u` alone are taken as such, and wrong ones say nothing. */
function patternOf(source: string): RegExp {
  return expression(source) ?? /(?:)/;
}

function faultOf(error: ErrorObject | undefined): JsonFault {
  const steps = (error?.instancePath ?? '')
    .split('/')
    .slice(1)
    .map((step): Step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(String(step)) ? Number(step) : step));
  const message = error?.message ?? 'does not fit';
  return {
    path: schemaPath('', steps).replace(/^\./, ''),
    message: message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message,
  };
}
