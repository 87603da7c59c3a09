import { retryableByDefault, type ErrorCode } from '@headway/protocol';

/** A newer gateway may know codes that this client does not. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(retryableByDefault, code);
}
