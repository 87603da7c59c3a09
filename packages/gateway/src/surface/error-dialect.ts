import type { ErrorCode, HeadwayError } from '@headway/protocol';

import type { AskedPath } from './asked-path.ts';
import type { FieldNames } from './field-names.ts';

export interface ErrorDetails {
  status: number;
  /** The request's id, for APIs that tell it. @default none */
  requestId?: string | undefined;
  /** What the request calls the engine's fields. @default they are named as they stand in the error */
  fieldNames?: FieldNames | undefined;
}

/** How one API reports errors over HTTP. */
export interface ErrorDialect {
  /** Whether a request is for this API, also where it has no such route. */
  owns: (request: AskedPath) => boolean;
  /** The status of an error that brings none of its own. */
  status: (code: ErrorCode) => number;
  body: (error: HeadwayError, details: ErrorDetails) => object;
  /** The response header that tells the request's id. @default none */
  requestIdHeader?: string;
}

/** The dialects of a gateway: each API registers its own where the gateway starts. */
export class ErrorDialects {
  readonly #dialects: readonly ErrorDialect[];
  /** Answers requests of no API, and those that cannot be read. */
  readonly fallback: ErrorDialect;

  constructor(dialects: readonly ErrorDialect[], fallback: ErrorDialect) {
    this.#dialects = dialects;
    this.fallback = fallback;
  }

  of(request: AskedPath): ErrorDialect {
    return this.#dialects.find((dialect) => dialect.owns(request)) ?? this.fallback;
  }
}
