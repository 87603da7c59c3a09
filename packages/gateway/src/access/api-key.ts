import { createHash, randomBytes } from 'node:crypto';

import { HeadwayError } from '@headway/protocol';

/** Shortest key that is taken: 32 random hexadecimal digits are 128 bits. */
const leastLength = 32;
/** A key drawn at random has more different characters than this; one that was typed or padded often has not. */
const leastVariety = 8;
const mostLength = 512;

/** A new key: 256 random bits, and a prefix by which people and secret scanners know whose it is. */
export function createApiKey(): string {
  return `headway_${randomBytes(32).toString('base64url')}`;
}

/**
 * The SHA-256 of a key. A slow hash like scrypt protects what people make up against guessing; these keys are random,
 * so there is nothing to guess, and a slow hash on each request would only let strangers burn the processor.
 */
export function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The name under which a key's holder runs generations: 64 bits of its digest. */
export function ownerOf(digest: Buffer): string {
  return digest.toString('hex', 0, 8);
}

/**
 * Refuses a key that somebody might guess, or that no header can carry.
 *
 * @throws HeadwayError `invalid-request`, which does not repeat it
 */
export function requireStrong(key: string): void {
  const weakness = weaknessOf(key);
  if (weakness === null) return;
  throw new HeadwayError(
    'invalid-request',
    `an API key ${weakness}; use a random one of ${leastLength} characters or more: headway keys add makes one`,
  );
}

function weaknessOf(key: string): string | null {
  if (!/^[\x21-\x7e]*$/.test(key)) return 'has spaces or characters that no header can carry';
  if (key.length < leastLength) return `has ${key.length} characters, which can be guessed`;
  if (key.length > mostLength) return `has more than ${mostLength} characters`;
  if (new Set(key).size < leastVariety) return 'repeats the same few characters, which can be guessed';
  return null;
}
