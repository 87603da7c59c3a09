import { expect, test } from 'vitest';

import { FrameMeter } from './frame-meter.ts';

/** A masked frame, as clients send it. */
export function frame(opcode: number, payload: string, last = true): Buffer {
  const bytes = Buffer.from(payload);
  const head = [(last ? 0x80 : 0) | opcode];
  if (bytes.length < 126) head.push(0x80 | bytes.length);
  else head.push(0x80 | 126, bytes.length >> 8, bytes.length & 255);
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), bytes]);
}

test.each([1, 3, 1000])('FrameMeter counts a message once its last frame is complete, in reads of %i bytes', (size) => {
  const meter = new FrameMeter();
  const feed = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += size) meter.add(bytes.subarray(at, at + size));
  };
  feed(frame(1, 'x'.repeat(300)));
  expect([meter.bytes, meter.pieces, meter.messages]).toEqual([0, 0, 1]);
  feed(frame(1, 'ab', false));
  expect(meter.bytes).toBe(2);
  expect(meter.pieces).toBeGreaterThan(1);
  const { pieces } = meter;
  feed(frame(9, 'ping'));
  feed(frame(0, '', false));
  expect(meter.pieces).toBeGreaterThan(pieces);
  expect(meter.messages).toBe(1);
  feed(frame(0, 'c'));
  expect([meter.bytes, meter.pieces, meter.messages]).toEqual([0, 0, 2]);
});

test('FrameMeter counts nothing for pings and pongs', () => {
  const meter = new FrameMeter();
  for (let at = 0; at < 10; at++) meter.add(frame(10, 'alive'));
  expect([meter.bytes, meter.pieces, meter.messages]).toEqual([0, 0, 0]);
});

test('FrameMeter counts the received bytes of an incomplete frame', () => {
  const meter = new FrameMeter();
  const bytes = frame(2, 'y'.repeat(60_000));
  meter.add(bytes.subarray(0, 1008));
  meter.add(bytes.subarray(1008, 2008));
  expect([meter.bytes, meter.pieces]).toEqual([2000, 2]);
});
