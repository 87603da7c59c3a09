import { fieldError } from '@headway/protocol';

/** The cause of the refusal, from which the error gets the code that Anthropic's SDK looks for. */
export const threadUnsupported = { error_code: 'thread_unsupported_request' } as const;

/**
 * Refuses `thread`, which asks the gateway to keep the conversation so that the next request has the new messages only.
 * The SDK's tool runner asks for it, and after the refusal sends all messages each time.
 *
 * @throws HeadwayError `invalid-request`, with the cause `threadUnsupported`
 */
export function refuseThread(body: unknown): void {
  if (typeof body !== 'object' || body === null || !('thread' in body) || body.thread === null) return;
  const message = 'conversations are not kept; leave it out and send all messages';
  throw fieldError({ path: ['thread'], message }, { cause: threadUnsupported });
}
