import { createHash, randomBytes } from 'node:crypto';

import { HeadwayError } from '@headway/protocol';

/** A key that has nothing against it: 32 random hexadecimal digits are 128 bits. */
const goodLength = 32;
/** Shortest key that lets others in: 16 random hexadecimal digits are 64 bits. */
const leastLength = 16;
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
 * Refuses a key that no header can carry, or that somebody beyond this machine might guess.
 *
 * @returns what a key that is taken has against it: on this machine alone any will do, beyond it those of 16 characters;
 * null when it is a good one
 * @throws HeadwayError `invalid-request`, which does not repeat it
 */
export function checkKey(key: string, { beyondLoopback }: { beyondLoopback: boolean }): string | null {
  const weakness = formFault(key) ?? weaknessOf(key);
  if (weakness === null) return null;
  const words = `an API key ${weakness}; use a random one of ${goodLength} characters or more: headway keys add makes one`;
  const mayBeTaken = beyondLoopback ? key.length >= leastLength && variety(key) >= leastVariety : true;
  if (formFault(key) !== null || !mayBeTaken) throw new HeadwayError('invalid-request', words);
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
