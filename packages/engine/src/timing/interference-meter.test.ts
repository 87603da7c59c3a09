import { expect, test } from 'vitest';

import { InterferenceMeter } from './interference-meter.ts';

/** A meter with a stream that gets a token every 10 ms; `chunk` delays the next one by `ms`. */
function open() {
  const meter = new InterferenceMeter();
  const stream = meter.addStream();
  let now = 1000;
  const write = (tokens: number) => {
    for (let token = 0; token < tokens; token++) stream.token((now += 10));
  };
  const chunk = (tokens: number, ms: number) => {
    now += ms;
    meter.chunkRead(tokens, ms);
  };
  return { meter, write, chunk, wait: (ms: number) => (now += ms) };
}

test('nothing is read before a stream got a token behind a chunk', () => {
  const { meter, write, chunk } = open();
  expect(meter.reading(80)).toBeNull();
  write(3);
  expect(meter.reading(80)).toBeNull();
  chunk(64, 50);
  expect(meter.reading(80)).toBeNull();
  write(1);
  expect(meter.reading(80)).toEqual({ budgetMs: 80, chunkTokens: 64, chunkMs: 50, decodeMs: 10, gapMs: 60 });
});

test('the chunk is the last one, the gap the longest one', () => {
  const { meter, write, chunk } = open();
  write(1);
  for (const [tokens, ms] of [
    [64, 50],
    [128, 90],
    [64, 40.04],
  ] as const) {
    chunk(tokens, ms);
    write(2);
  }
  expect(meter.reading(80)).toEqual({ budgetMs: 80, chunkTokens: 64, chunkMs: 40, decodeMs: 10, gapMs: 100 });
});

test('a gap is forgotten after 64 more chunks', () => {
  const { meter, write, chunk } = open();
  write(1);
  chunk(64, 500);
  write(1);
  for (let at = 0; at < 63; at++) {
    chunk(64, 20);
    write(1);
  }
  expect(meter.reading(80)?.gapMs).toBe(510);
  chunk(64, 20);
  write(1);
  expect(meter.reading(80)?.gapMs).toBe(30);
});

test('two chunks in one gap count, and a stream that pauses over many does not', () => {
  const { meter, write, chunk, wait } = open();
  write(1);
  chunk(64, 40);
  chunk(64, 40);
  write(1);
  expect(meter.reading(80)?.gapMs).toBe(90);
  for (let at = 0; at < 3; at++) chunk(64, 40);
  wait(5000);
  write(1);
  expect(meter.reading(80)?.gapMs).toBe(90);
});

test('the first token of a stream is behind no gap', () => {
  const { meter, write, chunk } = open();
  chunk(64, 50);
  write(1);
  expect(meter.reading(80)).toBeNull();
});

test('without a step that no chunk delayed, the time of a step is unknown', () => {
  const { meter, write, chunk } = open();
  write(1);
  chunk(64, 50);
  write(1);
  expect(meter.reading(80)?.decodeMs).toBeNull();
});
