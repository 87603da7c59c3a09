import { errorData } from '@headway/protocol';

import type { ErrorDialect } from '../surface/error-dialect.ts';
import { isBelow } from '../surface/request-address.ts';

/** The error dialect of Headway's own routes. `status` gives the status of each code. */
export function nativeErrors(status: ErrorDialect['status']): ErrorDialect {
  return {
    owns: (request) => isBelow(request, '/v1/generations'),
    status,
    body: (error) => ({ error: errorData(error) }),
  };
}
