import { expect, test } from 'vitest';

import { describeOtherFile } from './first-bytes.ts';

const safetensors = '{"__metadata__":{"format":"pt"},"x":{"dtype":"F32"}}';
const head = Buffer.alloc(8);
head.writeBigUInt64LE(BigInt(safetensors.length));

test.each<[string, Buffer, RegExp]>([
  ['nothing', Buffer.alloc(0), /is empty; download it again/],
  ['a web page', Buffer.from('\n<!DOCTYPE html><html>'), /web page.*; download the file itself/],
  ['an error in JSON', Buffer.from('{"error":"not found"}'), /JSON/],
  [
    'a Git LFS pointer',
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5300000\n'),
    /pointer to a model of 5,300,000 bytes; run git lfs pull/,
  ],
  ['safetensors', Buffer.concat([head, Buffer.from(safetensors)]), /safetensors; download a GGUF file/],
  ['a PyTorch file', Buffer.from('PK\x03\x04archive/data.pkl'), /ZIP.*; download a GGUF file/],
  ['a pickle', Buffer.from([0x80, 2, 0x8a, 0x0a]), /pickle/],
  ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), /gzip; unpack/],
  ['GGML', Buffer.from('tjgg\x03\0\0\0'), /GGML, the old format/],
  ['the other byte order', Buffer.from('GGUF\0\0\0\x03'), /byte order/],
])('%s', (_name, bytes, said) => {
  expect(describeOtherFile(bytes, bytes.length)).toMatch(said);
});

test.each([Buffer.from('GGUF\x03\0\0\0'), Buffer.from('this is not a model')])('%s has no known format', (bytes) => {
  expect(describeOtherFile(bytes, bytes.length)).toBeNull();
});
