import type { HeadwayError } from '@headway/protocol';

import { anthropicErrorBody, anthropicErrors } from '../anthropic/anthropic-error.ts';
import { openAiErrorBody, openAiErrors, type FieldNames } from '../openai/openai-error.ts';
import { trpcErrorBody } from '../trpc/trpc-error.ts';
import { spokenApi, type AskedPath } from './spoken-api.ts';

export interface ErrorBodyOptions {
  status: number;
  /** What the request is called, for APIs that tell. @default none */
  requestId?: string;
  /** @default those of OpenAI's chat */
  fieldNames?: FieldNames | undefined;
}

/** An error in the words of the API that was asked. */
export function errorBody(
  request: AskedPath,
  error: HeadwayError,
  { status, requestId, fieldNames }: ErrorBodyOptions,
): object {
  const api = spokenApi(request);
  switch (api) {
    case 'trpc':
      return trpcErrorBody(error, status);
    case 'anthropic':
      return anthropicErrorBody(error, { status, requestId });
    case 'openai':
      return openAiErrorBody(error, fieldNames);
    case 'native': {
      const { code, message, retryable } = error;
      return { error: { code, message, retryable } };
    }
    default:
      return api satisfies never;
  }
}

/** The status of an error that has none of its own. */
export function errorStatus(request: AskedPath, { code }: HeadwayError): number {
  return (spokenApi(request) === 'anthropic' ? anthropicErrors : openAiErrors)[code].status;
}
