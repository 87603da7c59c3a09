import { PassThrough } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { CutWriter } from './cut-writer.ts';

const text = 'data: Grüße, 世界 🌍\r\n\r\n'.repeat(20);

/** The pieces that are written for a seed. */
async function pieces(seed: number): Promise<Buffer[]> {
  const to = new PassThrough();
  const written: Buffer[] = [];
  to.on('data', (piece: Buffer) => written.push(piece));
  await new CutWriter(to, { seed, most: 5 }).write(Buffer.from(text));
  return written;
}

describe('a cut writer', () => {
  it('cuts within characters and line ends, and loses nothing', async () => {
    const written = await pieces(7);
    expect(Buffer.concat(written).toString()).toBe(text);
    expect(written.some((piece) => piece.toString().includes('�'))).toBe(true);
    expect(written.some((piece) => piece.at(-1) === 13)).toBe(true);
    expect(Math.max(...written.map((piece) => piece.length))).toBe(5);
  });

  it('cuts at the same places for the same seed', async () => {
    const lengths = async (seed: number) => (await pieces(seed)).map((piece) => piece.length);
    expect(await lengths(7)).toEqual(await lengths(7));
    expect(await lengths(7)).not.toEqual(await lengths(8));
  });
});
