import { retryableByDefault, type ErrorCode } from '@headway/protocol';

/** Whether this client knows the code; a newer gateway may have others. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(retryableByDefault, code);
}
