import { createHash, randomBytes } from 'node:crypto';

import { HeadwayError } from '@headway/protocol';

/** Shortest key without a warning, in characters: 32 random hexadecimal digits are 128 bits. */
const goodLength = 32;
/** Shortest key of a gateway that other machines reach, in characters: 16 random hexadecimal digits are 64 bits. */
const leastLength = 16;
/** Fewest different characters. A random key has more; a typed or padded one often has fewer. */
const leastVariety = 8;
const mostLength = 512;

/** A new key: 256 random bits after a prefix that people and secret scanners recognise. */
export function createApiKey(): string {
  return `headway_${randomBytes(32).toString('base64url')}`;
}

/**
 * The SHA-256 of a key. A slow hash like scrypt protects passwords that people choose against guessing. These keys are
 * random, so guessing is hopeless, and a slow hash on each request would let unknown clients burn the processor.
 */
export function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The owner that a key's generations belong to: the first 64 bits of the key's digest, in hexadecimal. */
export function ownerOf(digest: Buffer): string {
  return digest.toString('hex', 0, 8);
}

/**
 * Refuses a key that no header can carry, and, for a gateway that other machines reach, one that they could guess.
 *
 * @returns a warning for a weak key that is accepted: any on loopback, of 16 characters or more beyond it; null for a
 * good key
 * @throws HeadwayError `invalid-request`, whose message does not repeat the key
 */
export function checkKey(key: string, { beyondLoopback }: { beyondLoopback: boolean }): string | null {
  const weakness = formFault(key) ?? weaknessOf(key);
  if (weakness === null) return null;
  const words = `an API key ${weakness}; use a random one of ${goodLength} characters or more: headway keys add makes one`;
  const acceptable = beyondLoopback ? key.length >= leastLength && variety(key) >= leastVariety : true;
  if (formFault(key) !== null || !acceptable) throw new HeadwayError('invalid-request', words);
  return words;
}

function formFault(key: string): string | null {
  if (key === '') return 'is empty';
  if (!/^[\x21-\x7e]*$/.test(key)) return 'has spaces or characters that no header can carry';
  if (key.length > mostLength) return `has more than ${mostLength} characters`;
  return null;
}

function weaknessOf(key: string): string | null {
  if (key.length < goodLength) return `has ${key.length} characters, which can be guessed`;
  if (variety(key) < leastVariety) return 'repeats the same few characters, which can be guessed';
  return null;
}

function variety(key: string): number {
  return new Set(key).size;
}
