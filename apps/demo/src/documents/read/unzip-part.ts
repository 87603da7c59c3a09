import { Inflate } from 'fflate';

const endSignature = 0x06_05_4b_50;
const entrySignature = 0x02_01_4b_50;
/** Sizes of the records without their names and comments, and of the longest comment. */
const endSize = 22;
const entrySize = 46;
const headerSize = 30;
const longestComment = 0xff_ff;
/** Deflate makes at most about 1000 times as much of it, in bytes. */
const inflatedAtOnce = 16 * 1024;

/**
 * One part of a zip archive; null if it is not there. What an archive says of its sizes may be wrong, so inflating itself
 * stops beyond `maxBytes`.
 *
 * @throws Error for a damaged archive, and for a part of more than `maxBytes`
 */
export function unzipPart(archive: Uint8Array, name: string, maxBytes: number): Uint8Array | null {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = endOf(view);
  let at = view.getUint32(end + 16, true);
  while (at < end && view.getUint32(at, true) === entrySignature) {
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 20, true);
    const nameSize = view.getUint16(at + 28, true);
    const offset = view.getUint32(at + 42, true);
    const found = new TextDecoder().decode(archive.subarray(at + entrySize, at + entrySize + nameSize));
    if (found === name) {
      const start = offset + headerSize + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
      return unpack(archive.subarray(start, start + size), method, maxBytes);
    }
    at += entrySize + nameSize + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return null;
}

/** Where the record at the end of the archive begins: a comment may follow it. */
function endOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - endSize - longestComment);
  for (let at = view.byteLength - endSize; at >= first; at -= 1) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  throw new Error('the archive has no end');
}

function unpack(content: Uint8Array, method: number, maxBytes: number): Uint8Array {
  if (method === 0 && content.length <= maxBytes) return content;
  if (method !== 8) throw new Error('the part is too large, or compressed in another way');
  const pieces: Uint8Array[] = [];
  let length = 0;
  const inflate = new Inflate((piece) => {
    length += piece.length;
    if (length > maxBytes) throw new Error('the part is too large');
    pieces.push(piece);
  });
  for (let at = 0; at < content.length || at === 0; at += inflatedAtOnce) {
    inflate.push(content.subarray(at, at + inflatedAtOnce), at + inflatedAtOnce >= content.length);
  }
  const whole = new Uint8Array(length);
  let done = 0;
  for (const piece of pieces) {
    whole.set(piece, done);
    done += piece.length;
  }
  return whole;
}
