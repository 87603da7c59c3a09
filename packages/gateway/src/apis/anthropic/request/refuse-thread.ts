import { fieldError } from '@headway/protocol';

/** The cause of the refusal, by which the error gets the code that Anthropic's SDK looks for. */
export const threadUnsupported = { error_code: 'thread_unsupported_request' } as const;

/**
 * Refuses a conversation that the gateway is to keep, of which the next request would have the new messages alone. The
 * SDK's tool runner asks for one, and sends everything each time once it was refused.
 *
 * @throws HeadwayError `invalid-request`, with the cause `threadUnsupported`
 */
export function refuseThread(body: unknown): void {
  if (typeof body !== 'object' || body === null || !('thread' in body) || body.thread === null) return;
  const message = 'no conversation is kept here; leave it out and send all messages';
  throw fieldError({ path: ['thread'], message }, { cause: threadUnsupported });
}
