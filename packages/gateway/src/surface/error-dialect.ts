import type { ErrorCode, HeadwayError } from '@headway/protocol';

import type { RequestAddress } from './request-address.ts';

/** What an API calls the fields that the engine has other names for. */
export interface FieldNames {
  /** A field's whole path. */
  field: (path: string) => string;
  /** A sentence that speaks of fields. */
  prose: (text: string) => string;
  /** The field with the prompt. */
  prompt: 'messages' | 'prompt' | 'input';
}

export interface ErrorDetails {
  status: number;
  /** The request's id, for APIs that tell it. @default none */
  requestId?: string | undefined;
  /** @default those of the API */
  fieldNames?: FieldNames | undefined;
}

/** How one API reports errors over HTTP. */
export interface ErrorDialect {
  /** Whether a request is for this API, also where it has no such route. */
  owns: (request: RequestAddress) => boolean;
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

  of(request: RequestAddress): ErrorDialect {
    return this.#dialects.find((dialect) => dialect.owns(request)) ?? this.fallback;
  }
}
