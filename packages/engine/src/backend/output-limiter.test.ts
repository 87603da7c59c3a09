import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { DecodedPiece } from './backend.ts';
import { PieceGate } from './output-limiter.ts';

function pass(texts: readonly string[], stop: readonly string[], maxTokens = 1000) {
  const out: DecodedPiece[] = [];
  const gate = new PieceGate({ stop, maxTokens, onPiece: (piece) => out.push(piece) });
  for (const text of texts) gate.push({ text, count: 1, channel: 'content' });
  gate.flush();
  return { text: out.map(({ text }) => text).join(''), count: out.length, end: gate.end };
}

describe('a piece gate', () => {
  it('ends before a stop string, also one that lies across pieces; tokens behind it do not count', () => {
    expect(pass(['one', ' tw', 'o E', 'N', 'D three'], ['END'])).toEqual({
      text: 'one two ',
      count: 3,
      end: 'stop',
    });
    expect(pass(['END'], ['END'])).toEqual({ text: '', count: 0, end: 'stop' });
  });

  it('lets out at the end what only looked like the beginning of one', () => {
    expect(pass(['a', ' EN'], ['END'])).toEqual({ text: 'a EN', count: 2, end: null });
    expect(pass(['a', ' EN'], ['END'], 2)).toMatchObject({ text: 'a EN', count: 2 });
    expect(pass(['E', 'EEND'], ['END'])).toMatchObject({ text: 'EE', end: 'stop' });
  });

  it('lets no more tokens pass than the limit, and lets out what it held', () => {
    expect(pass(['a', ' EN', 'X', 'b'], ['END'], 3)).toEqual({ text: 'a ENX', count: 3, end: 'length' });
    const out: DecodedPiece[] = [];
    const gate = new PieceGate({ stop: [], maxTokens: 3, onPiece: (piece) => out.push(piece) });
    gate.push({ text: 'ab', count: 2, channel: 'content' });
    gate.push({ text: '界', count: 2, channel: 'content' });
    expect([out.length, gate.end]).toEqual([1, 'length']);
  });

  it('looks for stop strings in the content alone, and keeps the order of channels', () => {
    const out: string[] = [];
    const gate = new PieceGate({
      stop: ['END'],
      maxTokens: 9,
      onPiece: ({ text }) => out.push(text),
    });
    gate.push({ text: 'END of thought', count: 1, channel: 'reasoning' });
    gate.push({ text: 'E', count: 1, channel: 'content' });
    gate.push({ text: 'more thought', count: 1, channel: 'reasoning' });
    gate.push({ text: 'ND', count: 1, channel: 'content' });
    gate.flush();
    expect(out).toEqual(['END of thought', 'E', 'more thought', 'ND']);
  });

  it('gives what a search over the whole text gives, however it is cut into pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 20 }), fc.array(letters, { maxLength: 3 }), (texts, stop) => {
        const whole = texts.join('');
        const cuts = stop.map((one) => whole.indexOf(one)).filter((at) => at >= 0);
        const { text, end, count } = pass(texts, stop);
        expect(end === 'stop').toBe(cuts.length > 0);
        // A gate sees pieces as they come: of two stop strings the one that is complete first ends the text.
        expect(whole.startsWith(text)).toBe(true);
        expect(stop.some((one) => text.includes(one))).toBe(false);
        expect(end === null ? text : null).toBe(end === null ? whole : null);
        expect(count).toBeLessThanOrEqual(texts.length);
      }),
    );
  });
});
