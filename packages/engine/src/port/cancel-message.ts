import type { ErrorCode } from '@headway/protocol';

/** The message of the error that ends a generation which the caller did not cancel. */
export function cancelMessage(reason: ErrorCode): string {
  switch (reason) {
    case 'shutting-down':
      return 'the engine is shutting down; send the request again when it is back';
    case 'abandoned':
      return 'no client was connected any more, so the generation was stopped; use watch or X-Headway-Resume to keep one open';
    case 'generation-timeout':
      return 'the generation took more time, or wrote more, than this server allows; set a smaller maxTokens';
    default:
      return `the generation was stopped (${reason})`;
  }
}
