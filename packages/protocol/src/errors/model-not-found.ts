import { fieldError } from './field-error.ts';
import type { HeadwayError } from './headway-error.ts';

/** The error for a request that names a model which is not served. `ids`: those that are. */
export function modelNotFound(model: string, ids: readonly string[]): HeadwayError {
  const message = `there is no ${JSON.stringify(model)}; choose one of: ${ids.join(', ')}`;
  return fieldError({ path: ['model'], message }, { code: 'model-not-found' });
}
