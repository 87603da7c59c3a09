import { HeadwayError } from '@headway/protocol';

/** One step into a JSON document: a name or an index. */
export type Step = string | number;

/** A path into a schema in JavaScript notation; names that are not plain words are quoted. */
export function schemaPath(field: string, steps: readonly Step[]): string {
  const written = steps.map((step) =>
    typeof step === 'string' && /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`,
  );
  return field + written.join('');
}

/** `fault` gives the reason and the remedy. */
export function refuse(path: string, fault: string): HeadwayError {
  return new HeadwayError('invalid-request', `${path}: ${fault}`);
}
