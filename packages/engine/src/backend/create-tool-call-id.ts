import { randomBytes } from 'node:crypto';

/** A name for a tool call, in the form that clients of OpenAI know: `call_` and 24 characters. */
export function createToolCallId(): string {
  return `call_${randomBytes(18).toString('base64url').replace(/[-_]/g, 'x')}`;
}
