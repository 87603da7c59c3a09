/** Characters of the smallest block, about the 16 tokens of a vLLM block in English. */
const smallestBlock = 64;

/** A block has at most this share of the characters before it, so that a text of a million has 400 blocks. */
const shareOfBefore = 64;

/** A number for each block of a text from its start; it stands for all the text up to the block's end. */
export type PrefixBlocks = readonly number[];

/**
 * Hashes the blocks of a prompt, each chained to those before it: two prompts that start with the same n characters have
 * equal numbers up to there. A rest that fills no block has no number. Blocks end at fixed positions
 * (`charactersInBlocks`) and grow with the position, so that their count stays small and a shared prefix is still known
 * to within 2 %: 64 characters each at the start, later 1/64 of what lies before.
 *
 * `salt` separates owners: with it their equal prompts have different numbers. Its hash is fast and not cryptographic;
 * who must not be able to guess the numbers of others joins something secret to this process to the salt.
 */
export function prefixBlocks(text: string, salt: string): PrefixBlocks {
  let [low, high] = seeds(salt);
  const blocks: number[] = [];
  let at = 0;
  for (let end = blockEnd(at); end <= text.length; end = blockEnd(end)) {
    for (; at < end; at += 2) {
      const pair = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      low = mix(low ^ pair, 0x9e_37_79_b1, 15);
      high = mix(high ^ pair, 0x85_eb_ca_77, 13);
    }
    blocks.push(numberOf(low, high));
  }
  return blocks;
}

/** Characters in the first `count` blocks. */
export function charactersInBlocks(count: number): number {
  let end = 0;
  for (let block = 0; block < count; block++) end = blockEnd(end);
  return end;
}

/** How many blocks at the start two texts share. */
export function sharedBlocks(one: PrefixBlocks, other: PrefixBlocks): number {
  const shortest = Math.min(one.length, other.length);
  let shared = 0;
  while (shared < shortest && one[shared] === other[shared]) shared++;
  return shared;
}

/** The end of the block that starts at `at`: an even number, since characters are hashed in pairs. */
function blockEnd(at: number): number {
  return at + Math.max(smallestBlock, 2 * Math.floor(at / (2 * shareOfBefore)));
}

function seeds(salt: string): [low: number, high: number] {
  let low = 1;
  let high = 2;
  for (let at = 0; at < salt.length; at++) {
    low = mix(low ^ salt.charCodeAt(at), 0x9e_37_79_b1, 15);
    high = mix(high ^ salt.charCodeAt(at), 0x85_eb_ca_77, 13);
  }
  return [scatter(low ^ salt.length), scatter(high ^ salt.length)];
}

/** Multiplies and rotates: the product carries each bit upwards, the rotation brings the upper ones down. */
function mix(value: number, factor: number, turn: number): number {
  const product = Math.imul(value, factor);
  return (product << turn) | (product >>> (32 - turn));
}

/** MurmurHash3's last step: every bit of the value changes about half of the result's. */
function scatter(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return bits ^ (bits >>> 16);
}

/** 53 bits of the two halves as one safe integer. */
function numberOf(low: number, high: number): number {
  return (scatter(high ^ low) >>> 11) * 2 ** 32 + (scatter(low) >>> 0);
}
