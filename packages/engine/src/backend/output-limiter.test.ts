import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { DecodedPiece } from './backend.ts';
import { OutputLimiter } from './output-limiter.ts';

function pass(texts: readonly string[], stop: readonly string[], maxTokens = 1000) {
  const out: DecodedPiece[] = [];
  const limiter = new OutputLimiter({ stop, maxTokens, onPiece: (piece) => out.push(piece) });
  for (const text of texts) limiter.push({ text, count: 1, channel: 'content' });
  limiter.flush();
  return { text: out.map(({ text }) => text).join(''), count: out.length, end: limiter.end };
}

describe('OutputLimiter', () => {
  it('ends the answer before a stop string, also one across pieces, and does not count tokens after it', () => {
    expect(pass(['one', ' tw', 'o E', 'N', 'D three'], ['END'])).toEqual({
      text: 'one two ',
      count: 3,
      end: 'stop',
    });
    expect(pass(['END'], ['END'])).toEqual({ text: '', count: 0, end: 'stop' });
  });

  it('releases at the end text that only looked like the beginning of a stop string', () => {
    expect(pass(['a', ' EN'], ['END'])).toEqual({ text: 'a EN', count: 2, end: null });
    expect(pass(['a', ' EN'], ['END'], 2)).toMatchObject({ text: 'a EN', count: 2 });
    expect(pass(['E', 'EEND'], ['END'])).toMatchObject({ text: 'EE', end: 'stop' });
  });

  it('passes on at most maxTokens tokens and then releases held text', () => {
    expect(pass(['a', ' EN', 'X', 'b'], ['END'], 3)).toEqual({ text: 'a ENX', count: 3, end: 'length' });
    const out: DecodedPiece[] = [];
    const limiter = new OutputLimiter({ stop: [], maxTokens: 3, onPiece: (piece) => out.push(piece) });
    limiter.push({ text: 'ab', count: 2, channel: 'content' });
    limiter.push({ text: '界', count: 2, channel: 'content' });
    expect([out.length, limiter.end]).toEqual([1, 'length']);
  });

  it('searches only content for stop strings and keeps the order of channels', () => {
    const out: string[] = [];
    const limiter = new OutputLimiter({
      stop: ['END'],
      maxTokens: 9,
      onPiece: ({ text }) => out.push(text),
    });
    limiter.push({ text: 'END of thought', count: 1, channel: 'reasoning' });
    limiter.push({ text: 'E', count: 1, channel: 'content' });
    limiter.push({ text: 'more thought', count: 1, channel: 'reasoning' });
    limiter.push({ text: 'ND', count: 1, channel: 'content' });
    limiter.flush();
    expect(out).toEqual(['END of thought', 'E', 'more thought', 'ND']);
  });

  it('finds the same stop strings however the text is split into pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 20 }), fc.array(letters, { maxLength: 3 }), (texts, stop) => {
        const whole = texts.join('');
        const cuts = stop.map((one) => whole.indexOf(one)).filter((at) => at >= 0);
        const { text, end, count } = pass(texts, stop);
        expect(end === 'stop').toBe(cuts.length > 0);
        // The limiter sees piece by piece: of two stop strings, the one that is complete first ends the text.
        expect(whole.startsWith(text)).toBe(true);
        expect(stop.some((one) => text.includes(one))).toBe(false);
        expect(end === null ? text : whole).toBe(whole);
        expect(count).toBeLessThanOrEqual(texts.length);
      }),
    );
  });
});
