import { zipSync } from 'fflate';
import { expect, test } from 'vitest';

import { unzipPart } from './unzip-part.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const words = 'a word and another '.repeat(5000);

function read(archive: Uint8Array, name: string, maxBytes = 1_000_000): string | null {
  const part = unzipPart(archive, name, maxBytes);
  return part && new TextDecoder().decode(part);
}

test('a part is read, compressed or not, wherever it is', () => {
  const archive = zipSync({
    'first.txt': bytes('1'),
    'word/document.xml': [bytes(words), { level: 9 }],
    'stored.txt': [bytes('as it is'), { level: 0 }],
    'empty.txt': bytes(''),
  });
  expect(read(archive, 'word/document.xml')).toBe(words);
  expect(read(archive, 'stored.txt')).toBe('as it is');
  expect(read(archive, 'empty.txt')).toBe('');
  expect(read(archive, 'none.txt')).toBe(null);
  const commented = new Uint8Array(archive.length + 100);
  commented.set(archive);
  expect(read(commented, 'first.txt')).toBe('1');
});

test('a part that is larger than it says is not read to its end', () => {
  const archive = zipSync({ bomb: [new Uint8Array(4_000_000), { level: 9 }] });
  const view = new DataView(archive.buffer);
  for (let at = 0; at < archive.length - 4; at += 1) {
    const signature = view.getUint32(at, true);
    if (signature === 0x02_01_4b_50) view.setUint32(at + 24, 10, true);
    if (signature === 0x04_03_4b_50) view.setUint32(at + 22, 10, true);
  }
  expect(() => unzipPart(archive, 'bomb', 1_000_000)).toThrow('the part is too large');
  expect(() => unzipPart(zipSync({ a: [bytes(words), { level: 0 }] }), 'a', 100)).toThrow('too large');
});

test('a damaged archive is refused', () => {
  const archive = zipSync({ a: [bytes(words), { level: 9 }] });
  expect(() => unzipPart(archive.subarray(0, 60), 'a', 1_000_000)).toThrow('no end');
  expect(() => unzipPart(new Uint8Array(0), 'a', 1_000_000)).toThrow('no end');
  const cut = archive.slice();
  cut.fill(0xff, 40, 120);
  expect(() => unzipPart(cut, 'a', 1_000_000)).toThrow();
});
