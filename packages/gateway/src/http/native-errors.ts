import { errorData, type HeadwayError } from '@headway/protocol';

import type { ErrorDialect } from '../surface/error-dialect.ts';
import { renameError, type FieldNames } from '../surface/field-names.ts';
import { isBelow } from '../surface/request-address.ts';

/** The error dialect of Headway's own routes. `status` gives the status of each code. */
export function nativeErrors(status: ErrorDialect['status']): ErrorDialect {
  return {
    owns: (request) => isBelow(request, '/v1/generations'),
    status,
    body: (error, { fieldNames }) => ({ error: { ...errorData(error), ...renamed(error, fieldNames) } }),
  };
}

/** The message and the issues in the names of the request, for a field that came as a header. */
function renamed(error: HeadwayError, names: FieldNames | undefined): Pick<HeadwayError, 'message'> | undefined {
  return names && error.issues.length > 0 ? renameError(error, names) : undefined;
}
