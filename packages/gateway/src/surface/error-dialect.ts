import type { ErrorCode, HeadwayError } from '@headway/protocol';

import type { RequestAddress } from './request-address.ts';
import type { FieldNames } from './field-names.ts';

export interface ErrorDetails {
  status: number;
  /** The request's id, for APIs that report it. @default none */
  requestId?: string | undefined;
  /** What the request calls the engine's fields. @default they are named as they stand in the error */
  fieldNames?: FieldNames | undefined;
}

/** The way in which one API reports errors over HTTP. */
export interface ErrorDialect {
  /** Whether a request is for this API, even if the API has no such route. */
  owns: (request: RequestAddress) => boolean;
  /** The status of an error that has none of its own. */
  status: (code: ErrorCode) => number;
  body: (error: HeadwayError, details: ErrorDetails) => object;
  /** The response header with the request's id. @default none */
  requestIdHeader?: string;
}

/** The error dialects of a gateway. `startGateway` registers one for each API. */
export class ErrorDialects {
  readonly #dialects: readonly ErrorDialect[];
  /** For requests of no API, and for those that cannot be parsed. */
  readonly fallback: ErrorDialect;

  constructor(dialects: readonly ErrorDialect[], fallback: ErrorDialect) {
    this.#dialects = dialects;
    this.fallback = fallback;
  }

  of(request: RequestAddress): ErrorDialect {
    return this.#dialects.find((dialect) => dialect.owns(request)) ?? this.fallback;
  }
}
