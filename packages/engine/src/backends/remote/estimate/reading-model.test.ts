import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ReadingModel, type Reading } from './reading-model.ts';

/** Reads a prompt alone at an upstream of 1 ms a token and a fixed 50 ms; returns the time afterwards. */
function readAlone(model: ReadingModel, tokens: number, nowMs: number, msPerToken = 1): number {
  const reading = model.begin({ tokens, nowMs });
  const endMs = nowMs + 50 + msPerToken * tokens;
  reading.firstToken(endMs);
  reading.end(endMs);
  return endMs;
}

function learnt(msPerToken = 1): { model: ReadingModel; nowMs: number } {
  const model = new ReadingModel();
  let nowMs = 0;
  for (const tokens of [500, 4000, 1000, 2000, 200, 8000]) nowMs = readAlone(model, tokens, nowMs, msPerToken);
  return { model, nowMs };
}

describe('ReadingModel', () => {
  it('shows nothing read and no time before anything was learnt', () => {
    const reading = new ReadingModel().begin({ tokens: 100, cached: 30, nowMs: 0 });
    expect(reading.at(5000)).toEqual({ processed: 30, cached: 30, total: 100, etaMs: null });
  });

  it('shows a known upstream halfway at half of the time', () => {
    const { model, nowMs } = learnt();
    const reading = model.begin({ tokens: 3000, nowMs });
    expect(reading.at(nowMs).etaMs).toBeCloseTo(3050, -2);
    const half = reading.at(nowMs + 1525);
    expect(half.processed / 3000).toBeCloseTo(0.5, 1);
    expect(half.etaMs).toBeCloseTo(1525, -2);
  });

  it('stays at 99 % when the first token does not come, and is whole when it does', () => {
    const { model, nowMs } = learnt();
    const reading = model.begin({ tokens: 1000, cached: 500, nowMs });
    const late = reading.at(nowMs + 1e6);
    expect(late.processed).toBeGreaterThan(980);
    expect(late.processed).toBeLessThan(996);
    reading.firstToken(nowMs + 2e6);
    expect(reading.at(nowMs + 2e6)).toEqual({ processed: 1000, cached: 500, total: 1000, etaMs: 0 });
  });

  it('waits for earlier prompts and starts when their first tokens came', () => {
    const { model, nowMs } = learnt();
    const first = model.begin({ tokens: 2000, nowMs });
    const second = model.begin({ tokens: 1000, nowMs });
    expect(second.at(nowMs).etaMs).toBeCloseTo(3050, -2);
    expect(second.at(nowMs + 1900).processed).toBe(0);
    first.firstToken(nowMs + 2050);
    expect(second.at(nowMs + 2550).processed).toBeGreaterThan(400);
  });

  it('does not wait for a prompt that was cancelled, nor for one that the upstream keeps waiting', () => {
    const { model, nowMs } = learnt();
    const [cancelled, kept, third] = [1000, 1000, 1000].map((tokens) => model.begin({ tokens, nowMs }));
    const fourth = model.begin({ tokens: 1000, nowMs });
    cancelled?.end(nowMs + 10);
    third?.firstToken(nowMs + 1000);
    expect(fourth.at(nowMs + 1500).processed).toBeGreaterThan(400);
    expect(kept?.at(nowMs + 1500).processed).toBeGreaterThan(400);
  });

  it('counts from when the upstream says that it started', () => {
    const { model, nowMs } = learnt();
    const reading = model.begin({ tokens: 2000, nowMs });
    reading.started(nowMs + 60_000);
    expect(reading.at(nowMs + 60_000)).toMatchObject({ processed: 0 });
    expect(reading.at(nowMs + 61_000).etaMs).toBeCloseTo(1050, -2);
    reading.firstToken(nowMs + 62_050);
    expect(model.begin({ tokens: 1000, nowMs: nowMs + 70_000 }).at(nowMs + 70_000).etaMs).toBeDefined();
  });

  it('follows a redeployed upstream after three requests', () => {
    const { model, nowMs } = learnt();
    let now = nowMs;
    for (const tokens of [3000, 1000, 5000]) now = readAlone(model, tokens, now, 0.5);
    expect(model.begin({ tokens: 4000, nowMs: now }).at(now).etaMs).toBeCloseTo(2050, -3);
  });

  it('learns what the upstream says of its cache', () => {
    const { model, nowMs } = learnt();
    let now = nowMs;
    for (const tokens of [8000, 9000, 10_000]) {
      const reading = model.begin({ tokens, nowMs: now });
      now += 1050;
      reading.firstToken(now);
      reading.usage(tokens, tokens - 1000);
      reading.end(now);
    }
    const eta = model.begin({ tokens: 4000, nowMs: now }).at(now).etaMs ?? 0;
    expect(eta).toBeGreaterThan(3200);
    expect(eta).toBeLessThan(4900);
  });

  it('never falls, stays in its bounds and ends, whatever happens', () => {
    const act = fc.record({
      kind: fc.constantFrom('begin', 'look', 'look', 'first', 'started', 'end', 'usage'),
      ms: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e7, noNaN: true })),
      tokens: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 2_000_000 })),
      cached: fc.integer({ min: 0, max: 2_000_000 }),
      which: fc.nat(),
      isSaid: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const model = new ReadingModel();
        const open: { reading: Reading; total: number; last: number; isRead: boolean }[] = [];
        let nowMs = 0;
        for (const { kind, ms, tokens, cached, which, isSaid } of acts) {
          nowMs += ms;
          const one = open[which % Math.max(1, open.length)];
          if (kind === 'begin') {
            const reading = model.begin({ tokens, cached, nowMs });
            open.push({ reading, total: reading.at(nowMs).total, last: 0, isRead: false });
          } else if (kind === 'first') {
            one?.reading.firstToken(nowMs);
            if (one) one.isRead = true;
          } else if (kind === 'started') one?.reading.started(nowMs);
          else if (kind === 'usage') one?.reading.usage(tokens, isSaid ? cached : null);
          else if (kind === 'end' && one) {
            one.reading.end(nowMs);
            open.splice(open.indexOf(one), 1);
          }
          for (const each of open) {
            const shown = each.reading.at(nowMs);
            expect(shown.total).toBe(each.total);
            expect(shown.processed).toBeGreaterThanOrEqual(Math.max(each.last, shown.cached));
            expect(Number.isInteger(shown.processed)).toBe(true);
            const most = each.isRead ? shown.total : shown.cached + 0.99 * (shown.total - shown.cached);
            expect(shown.processed).toBeLessThanOrEqual(most);
            expect(shown.cached).toBeLessThan(shown.total);
            expect(shown.etaMs === null || (Number.isFinite(shown.etaMs) && shown.etaMs >= 0)).toBe(true);
            each.last = shown.processed;
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
