import { HeadwayError } from '@headway/protocol';

/** One step down a JSON document: a name or a place in a list. */
export type Step = string | number;

/** A place in a schema the way one would write it in JavaScript; names that are no plain words are quoted. */
export function schemaPath(field: string, steps: readonly Step[]): string {
  const written = steps.map((step) =>
    typeof step === 'string' && /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`,
  );
  return field + written.join('');
}

/** `fault` says what is wrong and the remedy. */
export function refuse(path: string, fault: string): HeadwayError {
  return new HeadwayError('invalid-request', `${path}: ${fault}`);
}
