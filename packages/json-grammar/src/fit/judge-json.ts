import { Script } from 'node:vm';

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';

import { hasFormat, isFormat } from '../schema/formats.ts';
import { schemaPath, type Step } from '../refuse.ts';
import { currentSchema, expression } from './current-schema.ts';

/** A violation of a schema. */
export interface JsonFault {
  /** Where in the value, as `formatPath` writes it; empty for the whole value. */
  path: string;
  message: string;
}

/**
 * Most time for one check, in ms. Schemas come from clients, and some expressions and unions never end; then there is
 * no result.
 */
const longestMs = 250;

/** Most characters of a message, which may quote the schema. */
const longestMessage = 200;

const judgement = new Script('judge()');

/**
 * Finds the first violation of a schema in JSON text; null when the text fits, undefined without a result: for a schema
 * that ajv does not accept, or after the time limit. It blocks the thread for at most that long, as the limit also
 * interrupts loops and regular expressions.
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

/** Starts ajv once a process, so that the first schema's time does not include it. */
function warmUp(): void {
  if (!isWarm) createAjv().compile({ type: 'object', properties: { a: { type: 'array', uniqueItems: true } } })({});
  isWarm = true;
}

/** Only keywords that ajv knows become code, and references stay within the schema. */
function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    // Inlined references would multiply the code.
    inlineRefs: false,
    // 19.99 counts as 1,999 times 0.01 in spite of floating point.
    multipleOfPrecision: 9,
    code: { regExp: Object.assign(patternOf, { code: '(source) => new RegExp(source)' }) },
  });
  for (const name of Object.keys(fullFormats)) {
    if (isFormat(name)) ajv.addFormat(name, (text: string) => hasFormat(text, name));
    else if (name !== 'regex') ajv.addFormat(name, fullFormats[name as keyof typeof fullFormats]);
  }
  return ajv;
}

/** Accepts expressions that are valid only without `u`; an invalid one matches everything. */
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
