import type { ErrorCode, HeadwayError } from '@headway/protocol';

import type { RequestAddress } from './request-address.ts';
import type { FieldNames } from './field-names.ts';

export interface ErrorDetails {
  status: number;
  /** The request's id, for APIs that report it. @default none */
  requestId?: string | undefined;
  /** The request's names for the engine's fields. @default the engine's own names */
  fieldNames?: FieldNames | undefined;
}

/** One API's format of errors over HTTP. */
export interface ErrorDialect {
  /** Whether a request belongs to this API, even if the API has no such route. */
  owns: (request: RequestAddress) => boolean;
  /** The status for a code, for errors that set no status themselves. */
  status: (code: ErrorCode) => number;
  body: (error: HeadwayError, details: ErrorDetails) => object;
  /** The response header with the request's id. @default none */
  requestIdHeader?: string;
}

/** The error dialects of a gateway. `startGateway` registers one for each API. */
export class ErrorDialects {
  readonly #dialects: readonly ErrorDialect[];
  /** For requests that belong to no API, and for those that the server cannot parse. */
  readonly fallback: ErrorDialect;

  constructor(dialects: readonly ErrorDialect[], fallback: ErrorDialect) {
    this.#dialects = dialects;
    this.fallback = fallback;
  }

  of(request: RequestAddress): ErrorDialect {
    return this.#dialects.find((dialect) => dialect.owns(request)) ?? this.fallback;
  }
}
