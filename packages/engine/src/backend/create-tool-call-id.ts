import { randomBytes } from 'node:crypto';

/** A new tool-call id in OpenAI's form: `call_` and 24 characters. */
export function createToolCallId(): string {
  return `call_${randomBytes(18).toString('base64url').replace(/[-_]/g, 'x')}`;
}
